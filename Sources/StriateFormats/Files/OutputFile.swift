import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file being written from front to back; every failed write throws.
public final class OutputFile {
  /// The path the content is meant for.
  public let path: String
  /// The name it has while it is written.
  let name: String
  private var descriptor: Int32

  init(path: String, named name: String, flags: Int32) throws(FormatError) {
    descriptor = open(name, flags | O_CLOEXEC, 0o666)
    self.path = path
    self.name = name
    guard descriptor >= 0 else { throw .unwritable(path, .last("open")) }
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// Appends bytes.
  ///
  /// - Throws: `FormatError` with the system's reason: a full disk, a broken pipe, …
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    do throws(SystemFailure) {
      try Descriptor.append(bytes, to: descriptor)
    } catch {
      throw .unwritable(path, error)
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try append($0) }
  }

  /// Brings the bytes to the disk and closes the file.
  func finish(sync: Bool) throws(FormatError) {
    let open = descriptor
    if sync, fsync(open) != 0 { throw .unwritable(path, .last("fsync")) }
    descriptor = -1
    // After EINTR the descriptor is closed all the same.
    if close(open) != 0, errno != EINTR { throw .unwritable(path, .last("close")) }
  }
}
