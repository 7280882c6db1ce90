import StriateCore

/// Weights in several files, with an index of which tensor is in which: `model.safetensors.index.json`,
/// `pytorch_model.bin.index.json`.
enum ShardedWeights {
  /// All tensors of the files that an index names; nil where the file is no index.
  ///
  /// - Throws: `FormatError` where one of them is missing, damaged, or lacks a tensor.
  static func index(of source: ByteSource, _ path: String) throws -> WeightsIndex? {
    guard source.count <= Safetensors.headerLimit,
      let first = try? source.bytes(at: 0, count: min(source.count, 64)),
      first.first(where: { ![9, 10, 13, 32].contains($0) }) == UInt8(ascii: "{"),
      let json = try? JSON(parsing: source.bytes(at: 0, count: source.count), depth: 8),
      let map = json["weight_map"]?.object
    else { return nil }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var shards: [String: WeightsIndex] = [:]
    var index = WeightsIndex()
    for (name, value) in map {
      guard let file = value.string, !file.isEmpty, !file.contains("/") else {
        throw FormatError(
          .malformed, "the index names \(value) for \"\(name)\", expected a file beside it")
      }
      let shard = try shards[file] ?? open(folder + file)
      shards[file] = shard
      guard let tensor = shard.tensors[name] else {
        throw FormatError(
          .mismatch, "the index says that \"\(name)\" is in \(file), which lacks it", path: path)
      }
      index.add(tensor, name)
    }
    return index
  }

  private static func open(_ path: String) throws -> WeightsIndex {
    do {
      let source = try ByteSource(path: path)
      return try PyTorchFile.index(of: source) ?? Safetensors.index(of: source)
    } catch let error as FormatError {
      throw error.location.path == nil ? error.at(path: path) : error
    }
  }
}
