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

  /// The system's words for the error number.
  public var reason: String {
    var text = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// `open: No such file or directory`.
  public var description: String { "\(operation): \(reason)" }
}
