/// The fields of a message in the wire format of Protocol Buffers.
struct ProtobufReader {
  /// A field's value as it stands in the bytes.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case delimited(ArraySlice<UInt8>)
    case fixed32(UInt32)

    /// The whole number.
    var integer: Int? {
      if case .varint(let value) = self { Int(truncatingIfNeeded: value) } else { nil }
    }
    /// The `double`.
    var double: Double? {
      if case .fixed64(let value) = self { Double(bitPattern: value) } else { nil }
    }
    /// The `float`.
    var float: Float? {
      if case .fixed32(let value) = self { Float(bitPattern: value) } else { nil }
    }
    /// The bytes.
    var raw: ArraySlice<UInt8>? {
      if case .delimited(let value) = self { value } else { nil }
    }
    /// The text.
    var string: String? { raw.map { String(decoding: $0, as: UTF8.self) } }
    /// The packed list of `double`.
    var doubles: [Double]? {
      guard let raw, raw.count % 8 == 0 else { return nil }
      return stride(from: raw.startIndex, to: raw.endIndex, by: 8).map {
        Double(bitPattern: LittleEndian.number(raw[$0..<($0 + 8)]))
      }
    }
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: some Collection<UInt8>) { rest = ArraySlice(bytes) }

  /// All fields of a message.
  ///
  /// - Throws: `FormatError` where the bytes are no message.
  static func fields(
    _ bytes: some Collection<UInt8>
  ) throws(FormatError) -> [(number: Int, value: Value)] {
    var reader = ProtobufReader(bytes)
    var fields: [(number: Int, value: Value)] = []
    while let field = try reader.next() { fields.append(field) }
    return fields
  }

  /// The next field; nil at the end.
  mutating func next() throws(FormatError) -> (number: Int, value: Value)? {
    if rest.isEmpty { return nil }
    let key = try varint()
    guard let type = ProtobufWireType(rawValue: UInt8(key & 7)), key >> 3 > 0, key >> 3 < 1 << 29
    else { throw Self.damaged }
    let value: Value =
      switch type {
      case .varint: .varint(try varint())
      case .fixed64: .fixed64(LittleEndian.number(try take(8)))
      case .delimited: .delimited(try take(try varint()))
      case .fixed32: .fixed32(UInt32(truncatingIfNeeded: LittleEndian.number(try take(4))))
      }
    return (Int(key >> 3), value)
  }

  private mutating func varint() throws(FormatError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw Self.damaged }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw Self.damaged
  }

  private mutating func take(_ count: UInt64) throws(FormatError) -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count) else { throw Self.damaged }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  private static let damaged = FormatError(
    .malformed, "the bytes are no message of Protocol Buffers")
}
