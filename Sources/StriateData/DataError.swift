import StriateCore

/// What is wrong with data, or with how they were asked for.
public struct DataError: LocatedError {
  /// The kind of fault.
  public enum Code: String, Sendable, Hashable {
    /// The data, a file or a library are not there.
    case notFound
    /// The file cannot be read.
    case unreadable
    /// The file ends before what it announces.
    case truncated
    /// The content contradicts its format or itself.
    case malformed
    /// The content is sound, but of a kind that is not read here.
    case unsupported
    /// What was asked for makes no sense.
    case invalidRequest
    /// A data set's own code threw.
    case dataset
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
  static func unreadable(_ path: String, _ failure: SystemFailure) -> DataError {
    DataError(.unreadable, "cannot be read: \(failure.reason)", path: path, cause: failure)
  }

  /// All bytes of a file.
  static func contents(of path: String) throws(DataError) -> [UInt8] {
    do throws(SystemFailure) {
      return try InputFile.contents(path)
    } catch {
      throw .unreadable(path, error)
    }
  }
}
