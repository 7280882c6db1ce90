import StriateRuntime

/// Why something cannot be looked at, measured or loaded.
public struct InspectError: Error, CustomStringConvertible {
  /// The kind of fault.
  public enum Code: String, Sendable, Hashable {
    /// What was asked for makes no sense.
    case usage
    /// A device, a library or a file is not there.
    case missing
    /// Things that do not fit each other: weights and model, data and model.
    case mismatch
    /// Some of what was asked has no answer; the rest has.
    case unanswered
  }

  /// The kind of fault.
  public var code: Code
  /// What was expected, what was found, what to do.
  public var message: String
  /// The error beneath it.
  public var cause: (any Error)?

  /// An error of this kind.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The error of a network whose answer is no number.
  static func notFinite(_ number: Double, _ origin: NonFinite?) -> InspectError {
    let first = origin.map { "; first: \($0)" } ?? ""
    return InspectError(
      .mismatch, "the network's answer holds \(number.isNaN ? "NaN" : "\(number)")\(first)")
  }

  /// One line.
  public var description: String { message }
}
