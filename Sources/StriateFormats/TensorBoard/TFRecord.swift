/// The frame around each record of TensorFlow's record files.
///
/// Length (8 bytes), its masked CRC-32C (4), the record, its masked CRC-32C (4), all little-endian.
enum TFRecord {
  /// Bytes of a frame beside the record.
  static let overhead = 16
  /// The longest record that is read; a length beyond it is damage.
  static let limit = 1 << 30

  /// A record in its frame.
  static func framed(_ record: [UInt8]) -> [UInt8] {
    let length = LittleEndian.bytes(UInt64(record.count))
    return length + LittleEndian.bytes(CRC32C.masked(length)) + record
      + LittleEndian.bytes(CRC32C.masked(record))
  }

  /// The length that the first 12 bytes of a frame announce; nil where their check sum differs.
  static func length(_ head: [UInt8]) -> Int? {
    guard head.count == 12 else { return nil }
    let length = Array(head.prefix(8))
    guard LittleEndian.number(head.suffix(4)) == UInt64(CRC32C.masked(length)) else { return nil }
    return Int(exactly: LittleEndian.number(length)).flatMap { $0 <= limit ? $0 : nil }
  }
}
