import StriateCore

/// What is wrong with a file's content, or with reading or writing it.
public struct FormatError: LocatedError {
  /// The kind of fault.
  public enum Code: String, Sendable, Hashable {
    /// The file cannot be opened or read.
    case unreadable
    /// The file cannot be written.
    case unwritable
    /// The file ends before what it announces.
    case truncated
    /// The content contradicts its format.
    case malformed
    /// The content is sound, but of a kind that is not read here.
    case unsupported
    /// The tensors are not those that were asked for.
    case mismatch
  }

  /// The kind of fault.
  public var code: Code
  /// What was expected, what was found, what to do.
  public var message: String
  /// The file and the byte.
  public var location: FileLocation
  /// The error beneath it.
  public var cause: (any Error)?

  /// An error of this kind.
  public init(
    _ code: Code, _ message: String, path: String? = nil, offset: Int? = nil,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    location = FileLocation(path: path, offset: offset)
    self.cause = cause
  }

  /// The error of a file that cannot be read.
  static func unreadable(_ path: String, _ failure: SystemFailure) -> FormatError {
    FormatError(.unreadable, "cannot be read: \(failure.reason)", path: path, cause: failure)
  }

  /// The error of a file that cannot be written.
  static func unwritable(_ path: String, _ failure: SystemFailure) -> FormatError {
    FormatError(.unwritable, "cannot be written: \(failure)", path: path, cause: failure)
  }
}
