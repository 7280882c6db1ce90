#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writing to an open file, pipe or terminal by its number.
package enum Descriptor {
  /// Appends all of the bytes, in as many pieces as the system takes them.
  ///
  /// - Throws: `SystemFailure` with the reason: a full disk, a reader that has left, …
  package static func append(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemFailure) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let put = write(descriptor, base + done, bytes.count - done)
      if put >= 0 {
        done += put
      } else if errno != EINTR {
        throw .last("write")
      }
    }
  }

  /// Appends all of the bytes.
  ///
  /// - Throws: `SystemFailure` with the reason.
  package static func append(_ bytes: [UInt8], to descriptor: Int32) throws(SystemFailure) {
    let failure = bytes.withUnsafeBytes { bytes -> SystemFailure? in
      do throws(SystemFailure) {
        try append(bytes, to: descriptor)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }
}
