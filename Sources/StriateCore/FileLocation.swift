/// Where in a file, or in bytes from elsewhere, something was found.
public struct FileLocation: Sendable, Hashable, CustomStringConvertible {
  /// The file's path; nil for bytes that came from no file.
  public var path: String?
  /// The byte counted from 0; nil where it concerns the whole.
  public var offset: Int?

  /// A place in a file.
  public init(path: String? = nil, offset: Int? = nil) {
    self.path = path
    self.offset = offset
  }

  /// `weights.safetensors, byte 12`; empty where nothing is known.
  public var description: String {
    [path, offset.map { "byte \($0)" }].compactMap { $0 }.joined(separator: ", ")
  }
}

/// An error that names a place in a file.
public protocol LocatedError: Error, CustomStringConvertible {
  /// What was expected, what was found, what to do.
  var message: String { get }
  /// The file and the byte.
  var location: FileLocation { get set }
}

extension LocatedError {
  /// One line: the place, then the message.
  public var description: String {
    let place = location.description
    return place.isEmpty ? message : "\(place): \(message)"
  }

  /// The same error in this file.
  package func at(path: String) -> Self {
    var error = self
    error.location.path = path
    return error
  }
}
