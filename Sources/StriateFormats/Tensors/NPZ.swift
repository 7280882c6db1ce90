import StriateCore

/// NumPy's archives of arrays, as `numpy.savez` and `savez_compressed` write them: a ZIP file with an NPY file a tensor.
public enum NPZ {
  /// Reads a file; names are those of the arrays.
  ///
  /// - Throws: `FormatError` where the file cannot be read or is damaged, or an array holds no numbers.
  public static func read(_ path: String) throws -> NamedTensors {
    let file = try WeightsFile(path)
    guard file.format == .numPy else {
      throw FormatError(.malformed, "this is no file of numpy.savez", path: path, offset: 0)
    }
    var tensors = NamedTensors()
    for name in file.names { tensors[name] = try file.read(name) }
    return tensors
  }

  /// The arrays of an archive of NPY files; nil where it is none.
  static func index(of source: ByteSource) throws -> WeightsIndex? {
    guard ZipArchive.isAtStart(of: source), let archive = try? ZipArchive(source),
      !archive.entries.isEmpty, archive.entries.keys.allSatisfy({ $0.hasSuffix(".npy") })
    else { return nil }
    var index = WeightsIndex()
    // In the order of the file, which is that of the arguments of savez.
    for (name, entry) in archive.entries.sorted(by: { $0.value.offset < $1.value.offset }) {
      let array = String(name.dropLast(4))
      do {
        index.add(try tensor(entry, name, source), array)
      } catch let error as FormatError where error.code == .unsupported {
        index.add(StoredTensor(refused: "cannot be read: \(error.message)"), array)
      } catch let error as FormatError {
        var placed = error
        placed.message = "the array \(name): \(error.message)"
        throw placed
      }
    }
    return index
  }

  private static func tensor(
    _ entry: ZipArchive.Entry, _ name: String, _ source: ByteSource
  ) throws -> StoredTensor {
    if entry.isStored {
      return try NPY.tensor(source, from: entry.offset, count: entry.count, key: name)
    }
    let bytes = try ZipArchive.content(of: entry, named: name, in: source)
    return try NPY.tensor(ByteSource(bytes: bytes), from: 0, count: bytes.count, key: name)
  }
}
