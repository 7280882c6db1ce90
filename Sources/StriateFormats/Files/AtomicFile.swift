import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files that appear whole or not at all.
///
/// The bytes go to a temporary name in the same folder, are brought to the disk, and take the final
/// name by `rename`; a reader sees the old content or the new one. Where something that is not a regular
/// file stands at the path (a pipe, a device), the bytes go straight into it.
public enum AtomicFile {
  /// Writes these bytes.
  ///
  /// - Throws: `FormatError` with the system's reason; the temporary file is taken away.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write(to: path) { file in try bytes.withUnsafeBytes { try file.append($0) } }
  }

  /// Writes this text in UTF-8.
  ///
  /// - Throws: `FormatError` with the system's reason; the temporary file is taken away.
  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Writes what the closure appends.
  ///
  /// - Throws: `FormatError` with the system's reason, or what the closure throws; the temporary file is
  ///   taken away.
  public static func write(to path: String, _ body: (OutputFile) throws -> Void) throws {
    if isSpecial(path) {
      let file = try OutputFile(path: path, named: path, flags: O_WRONLY)
      try body(file)
      try file.finish(sync: false)
      return
    }
    let (folder, name) = split(path)
    let file = try temporary(in: folder, for: name, path: path)
    do {
      try body(file)
      try file.finish(sync: true)
      guard rename(file.name, path) == 0 else {
        throw FormatError.unwritable(path, .last("rename"))
      }
    } catch {
      _ = unlink(file.name)
      throw error
    }
    try sync(folder: folder, path: path)
  }

  /// Brings a folder's entries to the disk, so that a rename in it survives a power cut.
  ///
  /// - Throws: `FormatError` with the system's reason.
  public static func sync(folder: String) throws { try sync(folder: folder, path: folder) }

  private static func sync(folder: String, path: String) throws {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FormatError.unwritable(path, .last("open folder")) }
    defer { _ = close(descriptor) }
    // Some file systems know no fsync of a folder and say so with EINVAL.
    if fsync(descriptor) != 0, errno != EINVAL {
      throw FormatError.unwritable(path, .last("fsync folder"))
    }
  }

  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let kind = status.st_mode & 0o170000
    return kind != 0o100000 && kind != 0o040000
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }

  private static func temporary(
    in folder: String, for name: String, path: String
  ) throws -> OutputFile {
    // A long name is cut, or the temporary one would be longer than the file system allows.
    let stem = "\(folder)/.\(name.prefix(40)).\(getpid())-"
    for attempt in 0..<1000 {
      do throws(FormatError) {
        return try OutputFile(
          path: path, named: stem + "\(attempt).tmp", flags: O_WRONLY | O_CREAT | O_EXCL)
      } catch {
        guard let failure = error.cause as? SystemFailure, failure.number == EEXIST else {
          throw error
        }
      }
    }
    throw FormatError.unwritable(path, SystemFailure("open", number: EEXIST))
  }
}
