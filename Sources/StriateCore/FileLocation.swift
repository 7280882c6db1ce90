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
