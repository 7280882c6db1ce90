/// What went wrong with a tensor's value or its use at a program's edge.
public struct TensorError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of fault.
  public enum Code: Sendable, Hashable { case countMismatch, typeMismatch, missing, outOfMemory }

  /// The kind of fault.
  public var code: Code
  /// One sentence: what was expected, what was found.
  public var message: String

  /// An error of this kind.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }

  static func countMismatch(shape: Shape, found: Int) -> TensorError {
    TensorError(
      .countMismatch, "a tensor of shape \(shape) holds \(shape.count) elements, found \(found)")
  }
}
