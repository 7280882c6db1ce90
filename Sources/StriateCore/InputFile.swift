#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file opened for reading at any offset.
package final class InputFile: Sendable {
  /// The file's path as it was given.
  package let path: String
  /// The bytes it held when it was opened.
  package let count: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `SystemFailure` where it is missing, not readable or not a regular file.
  package init(_ path: String) throws(SystemFailure) {
    // Not blocking, so that a pipe nobody writes to is refused below instead of waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .last("open") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let failure = SystemFailure.last("stat")
      _ = close(descriptor)
      throw failure
    }
    let kind = status.st_mode & 0o170000
    guard kind == 0o100000 else {
      _ = close(descriptor)
      throw SystemFailure("open", number: kind == 0o040000 ? EISDIR : SystemFailure.notRegular)
    }
    self.path = path
    self.descriptor = descriptor
    count = Int(status.st_size)
  }

  deinit { _ = close(descriptor) }

  /// Fills the buffer from the offset on; returns fewer bytes only where the file ends.
  package func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemFailure) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count {
      let got = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if got > 0 {
        done += got
      } else if got == 0 {
        break
      } else if errno != EINTR {
        throw .last("read")
      }
    }
    return done
  }

  /// So many bytes from the offset on, fewer only where the file ends.
  package func bytes(at offset: Int, count: Int) throws(SystemFailure) -> [UInt8] {
    var failure: SystemFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, done in
      do throws(SystemFailure) {
        done = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// All bytes of a file.
  package static func contents(_ path: String) throws(SystemFailure) -> [UInt8] {
    let file = try InputFile(path)
    return try file.bytes(at: 0, count: file.count)
  }

  /// Whether a regular file, or a link to one, stands at the path.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & 0o170000 == 0o100000
  }

  /// Whether a folder, or a link to one, stands at the path.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & 0o170000 == 0o040000
  }

  /// An environment variable's value; nil where it is not set or empty.
  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
