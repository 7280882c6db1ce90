/// What went wrong in the CPU engine.
public struct CPUError: Error, Sendable, CustomStringConvertible {
  /// The kind of fault.
  public enum Code: Sendable, Hashable { case libraryMissing, callFailed, outOfMemory, badState }

  /// The kind of fault.
  public var code: Code
  /// One sentence.
  public var message: String

  /// An error of this kind.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
