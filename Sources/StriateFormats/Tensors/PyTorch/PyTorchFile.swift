import StriateCore

/// Weights as `torch.save` writes them: `.pth`, `.pt`, `.bin`.
///
/// All its formats are read: the ZIP file of PyTorch 1.6 and later, the row of pickles before, and the tar archive before
/// that. A pickle is a program; this reader builds tensors and plain values, and nothing else, so that no file runs code.
public enum PyTorchFile {
  /// The tensors of the file's state dictionary; half-precision ones (float16, bfloat16) become f32.
  ///
  /// - Throws: `FormatError` where the file cannot be read, is damaged, or holds no state dictionary or several.
  public static func read(_ path: String) throws -> NamedTensors {
    let file = try WeightsFile(path)
    guard file.format == .pyTorch else {
      throw FormatError(
        .malformed, "this is no file of torch.save but of \(file.format.rawValue)", path: path,
        offset: 0)
    }
    return try file.whole()
  }

  /// The same of the bytes of a file.
  ///
  /// - Throws: `FormatError` as `read(_:)`.
  public static func decode(_ bytes: [UInt8]) throws -> NamedTensors {
    let source = ByteSource(bytes: bytes)
    guard let index = try index(of: source) else {
      throw FormatError(
        .malformed,
        "this is no file of torch.save: it begins neither as a ZIP file nor as a pickle", offset: 0)
    }
    return try WeightsFile(index, .pyTorch).whole()
  }

  /// What a file of `torch.save` holds; nil where it is none.
  static func index(of source: ByteSource) throws -> WeightsIndex? {
    guard let container = try container(of: source) else { return nil }
    var index = PickleTree(container).index
    if index.names.isEmpty {
      index.emptiness = "holds \(container.value.kind), expected a state dictionary of tensors"
    }
    return index
  }

  private static func container(of source: ByteSource) throws -> PyTorchContainer? {
    if ZipArchive.isAtStart(of: source) {
      let archive = try ZipArchive(source)
      return try PyTorchZip.main(of: archive).map { try PyTorchZip.read(archive, $0, source) }
    }
    if PyTorchLegacy.isAtStart(of: source) { return try PyTorchLegacy.read(source) }
    if TarMembers.isAtStart(of: source) {
      let members = try TarMembers(source)
      let isOurs = members["pickle"] != nil && members["tensors"] != nil
      return isOurs ? try PyTorchTar.read(members, source) : nil
    }
    guard isPickle(source) else { return nil }
    // What it would do is named before it is said that it is no such file.
    var unpickler = Unpickler(source)
    let value = try unpickler.value()
    throw FormatError(
      .unsupported,
      "this is a pickle of \(value.kind), but no file of torch.save: save tensors with torch.save",
      offset: 0)
  }

  /// A pickle of protocol 2 to 5: the length that a safetensors file begins with has four zeros at its end.
  private static func isPickle(_ source: ByteSource) -> Bool {
    guard let head = try? source.bytes(at: 0, count: 8) else { return false }
    guard head[0] == 0x80, (2...5).contains(head[1]) else { return false }
    // Pickles of protocol 4 and later begin with a frame, whose eight bytes of length may be small.
    return head[4...].contains { $0 != 0 } || head[2] == 0x95
  }
}
