import StriateCore

/// The records of a TensorBoard event file, read one after the other.
public struct EventFileReader {
  private let source: ByteSource
  /// The bytes of whole records; a file that was cut off goes on after them.
  public private(set) var offset = 0

  /// Opens a file.
  ///
  /// - Throws: `FormatError` where it cannot be read.
  public init(_ path: String) throws { source = try ByteSource(path: path) }

  /// A file's content in memory.
  public init(bytes: [UInt8]) { source = ByteSource(bytes: bytes) }

  /// The next record; nil at the end.
  ///
  /// - Throws: `FormatError` where the file ends within a record or its check sums do not agree.
  public mutating func next() throws(FormatError) -> TensorBoardEvent? {
    if offset == source.count { return nil }
    guard source.count - offset >= 12 else { throw damaged(.truncated, "ends within a record") }
    guard let length = TFRecord.length(try source.bytes(at: offset, count: 12)) else {
      throw damaged(.malformed, "the check sum of a record's length differs")
    }
    guard length <= source.count - offset - TFRecord.overhead else {
      throw damaged(.truncated, "ends within a record of \(length) bytes")
    }
    let record = try source.bytes(at: offset + 12, count: length)
    let sum = LittleEndian.number(try source.bytes(at: offset + 12 + length, count: 4))
    guard sum == UInt64(CRC32C.masked(record)) else {
      throw damaged(.malformed, "the check sum of a record differs")
    }
    let event: TensorBoardEvent
    do throws(FormatError) {
      event = try TensorBoardEvent(decoding: record)
    } catch {
      throw damaged(error.code, error.message)
    }
    offset += length + TFRecord.overhead
    return event
  }

  /// All records of a file.
  ///
  /// - Throws: `FormatError` where it cannot be read or is damaged.
  public static func events(_ path: String) throws -> [TensorBoardEvent] {
    var reader = try EventFileReader(path)
    var events: [TensorBoardEvent] = []
    while let event = try reader.next() { events.append(event) }
    return events
  }

  private func damaged(_ code: FormatError.Code, _ message: String) -> FormatError {
    FormatError(code, "the event file \(message)", path: source.path, offset: offset)
  }
}
