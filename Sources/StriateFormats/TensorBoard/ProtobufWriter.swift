/// Bytes of a message in the wire format of Protocol Buffers, a field after the other.
///
/// Fields of value zero are written where they are named: a scalar of 0 is a value, not an absence.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A whole number (`int64`, `enum`); a negative one takes ten bytes.
  mutating func integer(_ field: Int, _ value: Int) {
    key(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A `double`.
  mutating func double(_ field: Int, _ value: Double) {
    key(field, .fixed64)
    fixed(value.bitPattern)
  }

  /// A `float`.
  mutating func float(_ field: Int, _ value: Float) {
    key(field, .fixed32)
    fixed(value.bitPattern)
  }

  /// A `string`.
  mutating func string(_ field: Int, _ value: String) { raw(field, Array(value.utf8)) }

  /// Values of `bytes`.
  mutating func raw(_ field: Int, _ value: [UInt8]) {
    key(field, .delimited)
    varint(UInt64(value.count))
    bytes += value
  }

  /// A message within the message.
  mutating func message(_ field: Int, _ build: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    build(&inner)
    raw(field, inner.bytes)
  }

  /// A packed list of `double`.
  mutating func doubles(_ field: Int, _ values: [Double]) {
    key(field, .delimited)
    varint(UInt64(8 * values.count))
    for value in values { fixed(value.bitPattern) }
  }

  private mutating func key(_ field: Int, _ type: ProtobufWireType) {
    varint(UInt64(field) << 3 | UInt64(type.rawValue))
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func fixed(_ value: some FixedWidthInteger) {
    bytes += LittleEndian.bytes(value)
  }
}

/// How a field's value stands in the bytes.
enum ProtobufWireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case delimited = 2
  case fixed32 = 5
}

/// Numbers as bytes, the least significant first.
enum LittleEndian {
  /// The bytes of a number.
  static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// The number of as many bytes as there are, at most eight.
  static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
