/// Why a training cannot begin, go on or be saved.
public struct TrainingError: Error, CustomStringConvertible {
  /// The kind of fault.
  public enum Code: String, Sendable, Hashable {
    /// A setting makes no sense.
    case invalidSetting
    /// The model and the data do not fit each other.
    case mismatch
    /// The output folder is there already.
    case outputExists
    /// A folder or a file of the run cannot be read or written.
    case storage
    /// A checkpoint is incomplete or its bytes are not those that were written.
    case damaged
    /// The run in the folder was started with other settings.
    case differentRun
    /// The loss became NaN or infinite.
    case notFinite
  }

  /// The kind of fault.
  public var code: Code
  /// What was expected, what was found, what to do.
  public var message: String
  /// The step at which it happened, counted from 1.
  public var step: Int?
  /// The layer in which it happened.
  public var layer: String?
  /// The error beneath it.
  public var cause: (any Error)?

  /// An error of this kind.
  public init(
    _ code: Code, _ message: String, step: Int? = nil, layer: String? = nil,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.step = step
    self.layer = layer
    self.cause = cause
  }

  /// One line.
  public var description: String { message }
}
