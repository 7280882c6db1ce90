import StriateCore

/// Bytes that a reader takes in pieces: a file, or an array in memory.
struct ByteSource {
  /// The number of bytes.
  let count: Int
  /// The path, for messages.
  let path: String?
  private let content: Content

  private enum Content {
    case file(InputFile)
    case bytes([UInt8])
  }

  /// The bytes of a file, read when asked for.
  init(path: String) throws(FormatError) {
    do throws(SystemFailure) {
      let file = try InputFile(path)
      content = .file(file)
      count = file.count
      self.path = path
    } catch {
      throw .unreadable(path, error)
    }
  }

  /// Bytes in memory.
  init(bytes: [UInt8]) {
    content = .bytes(bytes)
    count = bytes.count
    path = nil
  }

  /// Fills the buffer from the offset on.
  ///
  /// - Throws: `FormatError` where there are fewer bytes.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) {
    let (end, overflow) = offset.addingReportingOverflow(buffer.count)
    guard offset >= 0, !overflow, end <= count else { throw ended(offset, buffer.count) }
    switch content {
    case .bytes(let bytes):
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<end]))
      }
    case .file(let file):
      let got: Int
      do throws(SystemFailure) {
        got = try file.read(at: offset, into: buffer)
      } catch {
        throw .unreadable(file.path, error)
      }
      guard got == buffer.count else { throw ended(offset, buffer.count) }
    }
  }

  /// A stretch of bytes.
  func bytes(at offset: Int, count wanted: Int) throws(FormatError) -> [UInt8] {
    guard offset >= 0, wanted >= 0, offset <= count, wanted <= count - offset else {
      throw ended(offset, wanted)
    }
    var result = [UInt8](repeating: 0, count: wanted)
    var failure: FormatError?
    result.withUnsafeMutableBytes { buffer in
      do throws(FormatError) { try read(at: offset, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }

  /// A little-endian unsigned integer of the given number of bytes, at most eight.
  func integer(at offset: Int, bytes size: Int) throws(FormatError) -> UInt64 {
    try bytes(at: offset, count: size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func ended(_ offset: Int, _ wanted: Int) -> FormatError {
    FormatError(
      .truncated, "expected \(wanted) bytes here, but the file ends at byte \(count)",
      path: path, offset: offset)
  }
}
