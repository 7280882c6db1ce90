#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the file system does to a folder; every failure is a `SystemFailure`.
package enum Folder {
  /// Makes a folder and those above it; one that is there is left alone.
  package static func make(_ path: String) throws(SystemFailure) {
    if InputFile.isFolder(path) { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try make(String(path[..<slash]))
    }
    if mkdir(path, 0o777) != 0, errno != EEXIST || !InputFile.isFolder(path) {
      throw .last("make folder \(path)")
    }
  }

  /// Whether anything stands at the path, a dangling link included.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The names in a folder, in no order; none where it cannot be read.
  package static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { _ = closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee))
        {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Takes away a file, a link, or a folder with all that is in it; nothing where there is nothing.
  package static func remove(_ path: String) throws(SystemFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & 0o170000 == 0o040000 {
      for name in names(path) { try remove("\(path)/\(name)") }
      if rmdir(path) != 0 { throw .last("remove folder") }
    } else if unlink(path) != 0 {
      throw .last("remove")
    }
  }

  /// Gives a file or folder another name.
  package static func move(_ from: String, to: String) throws(SystemFailure) {
    if rename(from, to) != 0 { throw .last("rename") }
  }

  /// Lets the link `name` in a folder point at a neighbour, in one move.
  package static func link(_ name: String, to target: String, in folder: String)
    throws(SystemFailure)
  {
    let fresh = "\(folder)/.\(name).tmp"
    try remove(fresh)
    if symlink(target, fresh) != 0 { throw .last("make link") }
    try move(fresh, to: "\(folder)/\(name)")
  }

  /// Takes a folder for this program alone; nil where another one has it.
  ///
  /// The system gives it back when the lock goes or the program ends, however it ends. A file system
  /// without locks locks nothing.
  package static func lock(_ path: String) throws(SystemFailure) -> FolderLock? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw .last("open folder") }
    let lock = FolderLock(descriptor: descriptor)
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK ? lock : nil
  }

  /// What a link points at; nil where there is no link.
  package static func target(ofLink path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// A folder that is this program's alone as long as the lock lives.
package final class FolderLock {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { _ = close(descriptor) }
}
