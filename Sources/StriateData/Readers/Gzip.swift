import CCodecs
import StriateCore

/// Decompression of gzip data in pieces; several members in a row are one stream.
final class GzipReader {
  private let bytes: [UInt8]
  private let stream: UnsafeMutablePointer<codecs_z_stream>
  private var consumed = 0
  private var isOpen = false

  /// Whether bytes begin as gzip data do.
  static func recognizes(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// A reader at the start of the bytes.
  ///
  /// - Throws: `DataError` where zlib was not found.
  init(_ bytes: [UInt8]) throws(DataError) {
    try CodecLibrary.zlib.require()
    self.bytes = bytes
    stream = .allocate(capacity: 1)
    stream.initialize(to: codecs_z_stream())
    try openMember()
  }

  deinit {
    if isOpen { _ = codecs_inflate_end(stream) }
    stream.deallocate()
  }

  /// The next bytes of the content, fewer than asked for only at its end.
  ///
  /// - Throws: `DataError` where the data are damaged or cut off.
  func read(_ count: Int) throws(DataError) -> [UInt8] {
    var failure: DataError?
    let result = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, done in
      do throws(DataError) { done = try fill(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }

  private func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count, isOpen {
      done += try step(base + done, min(buffer.count - done, 1 << 30))
    }
    return done
  }

  /// Decompresses once and says how many bytes came out.
  private func step(_ output: UnsafeMutablePointer<UInt8>, _ room: Int) throws(DataError) -> Int {
    let given = min(bytes.count - consumed, 1 << 30)
    let status = bytes.withUnsafeBufferPointer { input in
      stream.pointee.next_in = input.baseAddress.map { $0 + consumed }
      stream.pointee.avail_in = UInt32(given)
      stream.pointee.next_out = output
      stream.pointee.avail_out = UInt32(room)
      return codecs_inflate(stream)
    }
    let taken = given - Int(stream.pointee.avail_in)
    let made = room - Int(stream.pointee.avail_out)
    consumed += taken
    if status == CODECS_Z_STREAM_END.rawStatus {
      try closeMember()
    } else if status != CODECS_Z_OK.rawStatus {
      throw fault(status)
    } else if taken == 0, made == 0 {
      throw cutOff
    }
    return made
  }

  private func openMember() throws(DataError) {
    stream.pointee = codecs_z_stream()
    let status = codecs_gunzip_init(stream)
    guard status == CODECS_Z_OK.rawStatus else { throw fault(status) }
    isOpen = true
  }

  private func closeMember() throws(DataError) {
    _ = codecs_inflate_end(stream)
    isOpen = false
    if consumed < bytes.count { try openMember() }
  }

  private var cutOff: DataError {
    DataError(.truncated, "the gzip data are cut off; fetch the file again", offset: bytes.count)
  }

  private func fault(_ status: Int32) -> DataError {
    if status == CODECS_Z_BUF_ERROR.rawStatus { return cutOff }
    let reason = stream.pointee.msg.map { ": \(String(cString: $0))" } ?? ""
    return DataError(
      .malformed, "the gzip data are damaged\(reason); fetch the file again", offset: consumed)
  }
}

extension BinaryInteger {
  /// A constant of the C header as zlib returns it.
  var rawStatus: Int32 { Int32(truncatingIfNeeded: self) }
}
