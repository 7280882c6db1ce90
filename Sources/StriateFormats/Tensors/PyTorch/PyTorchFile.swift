import CCodecs
import StriateCore

/// Weights as `torch.save` writes them: `.pth`, `.pt`, `.bin`.
///
/// Both formats are read: the ZIP file of PyTorch 1.6 and later, and the row of pickles before. A pickle is a program;
/// this reader builds tensors and plain values and refuses everything else, so that no file runs code.
public enum PyTorchFile {
  /// The tensors of a state dictionary; half-precision ones (float16, bfloat16) become f32.
  ///
  /// Of a file that holds more than that, the dictionary under `state_dict`, `model_state_dict` or `model`.
  ///
  /// - Throws: `FormatError` where the file cannot be read, is damaged, or holds other things than tensors.
  public static func read(_ path: String) throws -> NamedTensors {
    do {
      return try read(try ByteSource(path: path))
    } catch let error as FormatError {
      throw error.at(path: path)
    }
  }

  /// The same of the bytes of a file.
  ///
  /// - Throws: `FormatError` as `read(_:)`.
  public static func decode(_ bytes: [UInt8]) throws -> NamedTensors {
    try read(ByteSource(bytes: bytes))
  }

  /// Whether a file begins as those of `torch.save` do.
  static func isAtStart(of source: ByteSource) -> Bool {
    ZipArchive.isAtStart(of: source) || isLegacy(source) || isPickle(source)
  }

  /// A pickle of protocol 2 to 5: the length that a safetensors file begins with has four zeros at its end.
  private static func isPickle(_ source: ByteSource) -> Bool {
    guard let head = try? source.bytes(at: 0, count: 8) else { return false }
    return head[0] == 0x80 && (2...5).contains(head[1]) && head[4...].contains { $0 != 0 }
  }

  /// A pickle of the number that all old files begin with.
  private static func isLegacy(_ source: ByteSource) -> Bool {
    guard let head = try? source.bytes(at: 0, count: 14) else { return false }
    return head[0] == 0x80 && Array(head[2...]) == [0x8A, 10] + magic
  }

  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  static func read(_ source: ByteSource) throws -> NamedTensors {
    if ZipArchive.isAtStart(of: source) { return try readZip(source) }
    if isLegacy(source) { return try readLegacy(source) }
    if isPickle(source) {
      // What it would do is named before it is said that it is no such file.
      var unpickler = Unpickler(source, from: 0, to: source.count)
      _ = try unpickler.value()
      throw FormatError(
        .malformed, "this is a pickle, but no file of torch.save: save tensors with torch.save",
        offset: 0)
    }
    throw FormatError(
      .malformed, "this is no file of torch.save: it begins neither as a ZIP file nor as a pickle",
      offset: 0)
  }

  // MARK: The two formats

  private static func readZip(_ source: ByteSource) throws -> NamedTensors {
    let archive = try ZipArchive(source)
    guard let main = archive.entries.keys.filter({ $0.hasSuffix("/data.pkl") }).min() else {
      throw FormatError(
        .malformed, "the ZIP file has no data.pkl: it is no file of torch.save", offset: 0)
    }
    let folder = main.dropLast("data.pkl".count)
    func entry(_ name: String) throws -> ZipArchive.Entry {
      guard let entry = archive.entries[folder + name] else {
        throw FormatError(.malformed, "the ZIP file has no \(folder)\(name)", offset: 0)
      }
      guard entry.isStored else {
        throw FormatError(
          .unsupported, "\(folder)\(name) is compressed; torch.save stores what it writes",
          offset: entry.offset)
      }
      return entry
    }
    if archive.entries[folder + "byteorder"] != nil {
      let order = try entry("byteorder")
      guard try source.bytes(at: order.offset, count: min(order.count, 6)) == Array("little".utf8)
      else {
        throw FormatError(
          .unsupported, "the file's numbers are big-endian", offset: order.offset)
      }
    }
    let pickle = try entry("data.pkl")
    var unpickler = Unpickler(source, from: pickle.offset, to: pickle.offset + pickle.count)
    let value = try unpickler.value()
    return try withExtendedLifetime(unpickler.arena) {
      try tensors(of: value, source) { storage in
        let data = try entry("data/\(storage.key)")
        return (data.offset, data.count)
      }
    }
  }

  private static func readLegacy(_ source: ByteSource) throws -> NamedTensors {
    var position = 0
    var arenas: [PickleArena] = []
    defer { arenas.removeAll() }
    func next() throws -> PickleValue {
      var unpickler = Unpickler(source, from: position)
      arenas.append(unpickler.arena)
      let value = try unpickler.value()
      position = unpickler.position
      return value
    }
    // The magic number, the version of the format, and facts about the machine.
    for _ in 0..<3 { _ = try next() }
    let value = try next()
    guard case .list(let keys) = try next() else {
      throw FormatError(.malformed, "the list of storages is missing", offset: position)
    }
    // The storages follow, each with its count; how large their elements are, only tensors tell.
    var sizes: [String: Int] = [:]
    for tensor in try entries(of: value).map(\.1) {
      sizes[tensor.storage.key] = tensor.storage.element.size
    }
    var places: [String: (Int, Int)] = [:]
    for key in keys.values {
      guard let key = key.text else {
        throw FormatError(.malformed, "a storage's key is no text", offset: position)
      }
      let count = Int(truncatingIfNeeded: try source.integer(at: position, bytes: 8))
      guard let size = sizes[key] else {
        throw FormatError(
          .unsupported, "the storage \(key) belongs to no tensor of the state dictionary",
          offset: position)
      }
      let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
      guard count >= 0, !overflow, bytes <= source.count - position - 8 else {
        throw FormatError(
          .truncated, "the storage \(key) of \(count) elements does not fit into the file",
          offset: position)
      }
      places[key] = (position + 8, bytes)
      position += 8 + bytes
    }
    return try tensors(of: value, source) { storage in
      guard let place = places[storage.key] else {
        throw FormatError(.malformed, "the storage \(storage.key) is missing", offset: position)
      }
      return place
    }
  }

  // MARK: Tensors

  /// The tensors under their names, those of the dictionary inside where the outer one has none.
  private static func entries(of value: PickleValue) throws -> [(String, PickledTensor)] {
    guard case .dictionary(let outer) = value else {
      throw FormatError(
        .unsupported, "the file holds \(value.kind), expected a state dictionary of tensors")
    }
    func tensors(_ dictionary: PickleDictionary) -> [(String, PickledTensor)] {
      dictionary.names.compactMap { name in
        if case .tensor(let tensor)? = dictionary.values[name] { (name, tensor) } else { nil }
      }
    }
    let own = tensors(outer)
    if !own.isEmpty { return own }
    for name in ["state_dict", "model_state_dict", "model"] {
      if case .dictionary(let inner)? = outer.values[name] { return tensors(inner) }
    }
    throw FormatError(
      .unsupported,
      "the file's dictionary holds no tensors; it has \(outer.names.prefix(8).joined(separator: ", "))"
    )
  }

  private static func tensors(
    of value: PickleValue, _ source: ByteSource,
    place: (PickledStorage) throws -> (offset: Int, count: Int)
  ) throws -> NamedTensors {
    var result = NamedTensors()
    for (name, tensor) in try entries(of: value) {
      result[name] = try read(name, tensor, source, place(tensor.storage))
    }
    return result
  }

  private static func read(
    _ name: String, _ tensor: PickledTensor, _ source: ByteSource,
    _ place: (offset: Int, count: Int)
  ) throws -> HostTensor {
    func fault(_ message: String) -> FormatError {
      FormatError(.malformed, "tensor \"\(name)\" \(message)", offset: place.offset)
    }
    let element = tensor.storage.element
    let available = place.count / element.size
    guard tensor.extents.allSatisfy({ $0 >= 0 }), tensor.strides.allSatisfy({ $0 >= 0 }) else {
      throw fault("has a negative extent or stride")
    }
    let shape = Shape(tensor.extents)
    guard shape.count <= available, shape.count < 1 << 40 else {
      throw fault("of \(shape) is larger than its storage of \(available) elements")
    }
    var last = tensor.offset
    for (extent, stride) in zip(tensor.extents, tensor.strides) where extent > 0 {
      let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooFar) = last.addingReportingOverflow(step)
      guard !overflow, !tooFar else { throw fault("has strides that reach too far") }
      last = sum
    }
    guard tensor.offset >= 0, shape.count == 0 || last < available else {
      throw fault("of \(shape) reaches beyond its storage of \(available) elements")
    }
    let stored = shape.count == 0 ? 0 : last - tensor.offset + 1
    let bytes = try source.bytes(
      at: place.offset + tensor.offset * element.size, count: stored * element.size)
    return HostTensor(type: TensorType(element.dtype, shape)) { buffer in
      var rows = [UInt8](repeating: 0, count: shape.count * element.size)
      gather(bytes, tensor, element.size, into: &rows)
      rows.withUnsafeBytes { from in
        switch element {
        case .plain(let dtype):
          buffer.copyMemory(from: from)
          if dtype == .bool {
            codecs_normalize_bool(buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count)
          }
        case .float16:
          codecs_widen_f16(
            from.bindMemory(to: UInt16.self).baseAddress,
            buffer.bindMemory(to: Float.self).baseAddress, shape.count)
        case .bfloat16:
          codecs_widen_bf16(
            from.bindMemory(to: UInt16.self).baseAddress,
            buffer.bindMemory(to: Float.self).baseAddress, shape.count)
        }
      }
    }
  }

  /// Elements of a view in the order of rows.
  private static func gather(
    _ bytes: [UInt8], _ tensor: PickledTensor, _ size: Int, into rows: inout [UInt8]
  ) {
    if rows.count == bytes.count, tensor.strides == Shape(tensor.extents).strides {
      rows = bytes
      return
    }
    var index = [Int](repeating: 0, count: tensor.extents.count)
    for element in 0..<rows.count / size {
      let from = zip(index, tensor.strides).reduce(0) { $0 + $1.0 * $1.1 } * size
      for byte in 0..<size { rows[element * size + byte] = bytes[from + byte] }
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < tensor.extents[axis] { break }
        index[axis] = 0
      }
    }
  }
}
