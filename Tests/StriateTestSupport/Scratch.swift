import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of a test's own, taken away with all that is in it.
public final class Scratch {
  /// The folder's path.
  public let path: String

  /// Makes a folder.
  public init() throws {
    var template = Array("/tmp/striate-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp", number: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { Scratch.remove(path) }

  /// What is in the folder.
  public var names: [String] { Scratch.names(path) }

  /// Makes a link.
  public func link(_ name: String, to target: String) throws {
    guard symlink(target, "\(path)/\(name)") == 0 else {
      throw SystemFailure("symlink", number: errno)
    }
  }

  /// Writes a file, making the folders it is in, and returns its path.
  @discardableResult public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/\(part)"
      _ = mkdir(folder, 0o700)
    }
    try Scratch.overwrite("\(path)/\(name)", bytes)
    return "\(path)/\(name)"
  }

  /// Writes a file anew.
  public static func overwrite(_ path: String, _ bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw SystemFailure("open", number: errno) }
    defer { _ = close(descriptor) }
    try Descriptor.append(bytes, to: descriptor)
  }

  /// What is in a folder.
  public static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { _ = closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Where a link leads; nil where the path is none.
  public static func target(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 1024)
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func remove(_ path: String) {
    if target(path) == nil, InputFile.isFolder(path) {
      for name in names(path) { remove("\(path)/\(name)") }
      _ = rmdir(path)
    } else {
      _ = unlink(path)
    }
  }
}
