/// What is wrong with a model that was asked for.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of fault.
  public enum Code: String, Sendable, Hashable {
    /// There is no model of this name.
    case unknown
    /// It is not built for what was asked for.
    case mismatch
  }

  /// The kind of fault.
  public var code: Code
  /// What was asked for and what there is.
  public var message: String

  /// An error of this kind.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
