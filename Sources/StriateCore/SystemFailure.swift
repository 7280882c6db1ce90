#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A call to the operating system that failed, with its reason in words.
public struct SystemFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The call that was tried, such as `open`.
  public var operation: String
  /// The system's error number.
  public var number: Int32

  /// A failed call.
  public init(_ operation: String, number: Int32) {
    self.operation = operation
    self.number = number
  }

  /// The failure that the calling thread has just met.
  package static func last(_ operation: String) -> SystemFailure {
    SystemFailure(operation, number: errno)
  }

  /// The number of our own for a pipe or device where a file is expected.
  package static let notRegular: Int32 = -1

  /// Whether a file or folder was not there.
  package var isMissing: Bool { number == ENOENT }

  /// The system's words for the error number.
  public var reason: String {
    if number == Self.notRegular { return "it is no regular file" }
    var text = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// `open: No such file or directory`.
  public var description: String { "\(operation): \(reason)" }
}
