import StriateCore

/// A file of weights, whatever its format, which is told by how it begins and not by its name.
///
/// Opening one reads names and shapes; numbers are read when they are asked for, so that a tensor which nobody needs is no
/// reason to refuse a file.
///
/// ```swift
/// let file = try WeightsFile("checkpoint.pth")        // or "checkpoint.pth#state_dict.model"
/// for name in file.names { print(name, file[name]?.shape ?? []) }
/// let tensors = try file.whole()
/// ```
public struct WeightsFile {
  /// A format that is read.
  public enum Format: String, Sendable, Hashable {
    case safetensors
    /// What `torch.save` writes.
    case pyTorch = "PyTorch"
    /// What `numpy.savez` writes.
    case numPy = "NumPy"
  }

  /// The path, without what was chosen of the file.
  public let path: String
  /// The format.
  public let format: Format
  /// What of the file was asked for, as in `FILE#PREFIX`; nil where all of it is meant.
  public let choice: String?
  let index: WeightsIndex

  /// Opens a file: `FILE`, or `FILE#PREFIX` for the tensors whose names begin with the prefix and a dot.
  ///
  /// - Throws: `FormatError` where it cannot be read, is damaged or of another kind, or nothing has the prefix.
  public init(_ place: String) throws {
    let (path, choice) = Self.parts(of: place)
    do {
      let source = try ByteSource(path: path)
      let (index, format) = try Self.open(source, path)
      (self.path, self.format, self.choice) = (path, format, choice)
      self.index = try choice.map { try index.chosen($0) } ?? index
    } catch let error as FormatError {
      throw error.location.path == nil ? error.at(path: path) : error
    }
  }

  /// What a reader found.
  init(_ index: WeightsIndex, _ format: Format) {
    (path, self.format, choice, self.index) = ("", format, nil, index)
  }

  /// The path and what is chosen of the file; a file whose own name has the sign is taken as it is.
  public static func parts(of place: String) -> (path: String, choice: String?) {
    guard !InputFile.exists(place), let mark = place.lastIndex(of: "#") else { return (place, nil) }
    return (String(place[..<mark]), String(place[place.index(after: mark)...]))
  }

  private static func open(
    _ source: ByteSource, _ path: String
  ) throws -> (WeightsIndex, Format) {
    if let index = try NPZ.index(of: source) { return (index, .numPy) }
    if let index = try PyTorchFile.index(of: source) { return (index, .pyTorch) }
    if let index = try ShardedWeights.index(of: source, path) { return (index, .safetensors) }
    if let other = ForeignFile.name(of: source) {
      throw FormatError(.unsupported, other, offset: 0)
    }
    return (try Safetensors.index(of: source), .safetensors)
  }

  /// The names of the tensors, each behind the place of its dictionary in the file, in their order.
  public var names: [String] { index.names }

  /// The tensor of a name.
  public subscript(name: String) -> StoredTensor? { index.tensors[name] }

  /// Texts beside the tensors.
  public var metadata: [String: String] { index.metadata }

  /// Whether the tensors of two places are the same numbers, stored once.
  public func isSame(_ a: String, _ b: String) -> Bool {
    guard let a = self[a], let b = self[b] else { return false }
    return a.isSame(as: b)
  }

  /// An error about this file.
  func fault(_ code: FormatError.Code, _ message: String) -> FormatError {
    FormatError(code, message, path: path.isEmpty ? nil : path)
  }
}
