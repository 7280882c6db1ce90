import StriateCore

/// NumPy's array files: read in either byte order and in C's or Fortran's, written little-endian in C's.
public enum NPY {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let codes: [(code: String, dtype: DType)] = [
    ("<f4", .float32), ("<f8", .float64), ("<i4", .int32), ("<i8", .int64), ("|u1", .uint8),
    ("|i1", .int8), ("|b1", .bool),
  ]

  /// Reads a file.
  ///
  /// - Throws: `FormatError` where the file cannot be read, is damaged, or holds another kind of array.
  public static func read(_ path: String) throws -> HostTensor {
    do {
      return try read(try ByteSource(path: path))
    } catch let error as FormatError {
      throw error.at(path: path)
    }
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `FormatError` where they are damaged or hold another kind of array.
  public static func decode(_ bytes: [UInt8]) throws -> HostTensor {
    try read(ByteSource(bytes: bytes))
  }

  /// Writes a file, atomically; the bytes are those that NumPy writes.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public static func write(_ tensor: HostTensor, to path: String) throws {
    try AtomicFile.write(to: path) { file in
      try file.append(header(tensor.type))
      try tensor.withUnsafeBytes { try file.append($0) }
    }
  }

  /// The bytes of a file.
  public static func encode(_ tensor: HostTensor) -> [UInt8] {
    header(tensor.type) + tensor.withUnsafeBytes { Array($0) }
  }

  private static func read(_ source: ByteSource) throws -> HostTensor {
    let tensor = try tensor(source, from: 0, count: source.count, key: "")
    if let refusal = tensor.refusal {
      throw FormatError(.unsupported, "the array \(refusal)", offset: 0)
    }
    return try tensor.read()
  }

  /// The array in a stretch of bytes.
  static func tensor(
    _ source: ByteSource, from begin: Int, count: Int, key: String
  ) throws -> StoredTensor {
    guard count >= 10, try source.bytes(at: begin, count: 6) == magic else {
      throw FormatError(
        .malformed, "this is not an NPY file: it does not begin with \\x93NUMPY", offset: begin)
    }
    let version = try source.integer(at: begin + 6, bytes: 1)
    guard (1...3).contains(version) else {
      throw FormatError(
        .unsupported, "NPY version \(version); versions 1 to 3 are read", offset: begin + 6)
    }
    let width = version == 1 ? 2 : 4
    let start = begin + 8 + width
    let length = Int(try source.integer(at: begin + 8, bytes: width))
    let header = try NPYHeader(
      parsing: try source.bytes(at: start, count: length), offset: start)
    let shape = header.shape
    guard let element = NPYElement(header.descr) else {
      throw FormatError(
        .unsupported, "its elements are \(header.descr), which are no numbers", offset: start)
    }
    let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: element.stored.size ?? 1)
    let rest = begin + count - start - length
    guard !overflow, bytes == rest else {
      throw FormatError(
        overflow || bytes > rest ? .truncated : .malformed,
        "\(element.stored.description)\(shape) takes \(overflow ? "too many" : "\(bytes)") bytes, the file has "
          + "\(rest) after its header", offset: start + length)
    }
    var strides = shape.strides
    if header.fortranOrder {
      strides = Array(Shape(shape.dims.reversed()).strides.reversed())
    }
    return StoredTensor(
      shape: shape,
      StoredTensor.Numbers(
        element: element.stored, strides: strides, isBigEndian: element.isBigEndian, key: key
      ) { StoredTensor.Storage(source: source, offset: start + length, count: rest) })
  }

  private static func header(_ type: TensorType) -> [UInt8] {
    let code = codes.first { $0.dtype == type.dtype }?.code ?? ""
    let dims = type.shape.dims
    let tuple =
      dims.count == 1
      ? "(\(dims[0]),)" : "(" + dims.map(String.init).joined(separator: ", ") + ")"
    var text = "{'descr': '\(code)', 'fortran_order': False, 'shape': \(tuple), }"
    // NumPy leaves room for a first extent of 21 digits, then pads to 64 bytes with a line end.
    if let first = dims.first {
      text += String(repeating: " ", count: max(0, 21 - String(first).utf8.count))
    }
    let version: UInt8 = text.utf8.count + 75 > 65535 ? 2 : 1
    let prefix = version == 1 ? 10 : 12
    text += String(repeating: " ", count: 64 - (prefix + text.utf8.count + 1) % 64) + "\n"
    let length = text.utf8.count
    let sizes = (0..<(prefix - 8)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return magic + [version, 0] + sizes + Array(text.utf8)
  }
}
