import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is in a folder.
struct Folder {
  /// The names of files and links to files, in the order of their bytes.
  var files: [String] = []
  /// The names of folders and links to folders, in the order of their bytes.
  var folders: [String] = []
  /// Names that are no UTF-8, with what is not put right.
  var unreadable: [String] = []

  /// What systems leave in folders and archives, in small letters: no class and no image.
  private static let droppings: Set<String> = [
    "__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "@eadir", "#recycle", "$recycle.bin",
    "system volume information", "lost+found", "__pycache__",
  ]

  /// Lists a folder; names that begin with a point are left out, and what systems leave there.
  ///
  /// - Throws: `DataError` where it is missing or may not be read.
  init(_ path: String) throws(DataError) {
    guard let stream = opendir(path) else {
      let failure = SystemFailure.last("opendir")
      if failure.number == ENOENT { throw Folder.missing(path, failure) }
      throw DataError(
        failure.number == ENOTDIR ? .notFound : .unreadable,
        failure.number == ENOTDIR
          ? PackedFolder.remedy(path) ?? "is a file; a folder is expected here"
          : "the folder cannot be read: \(failure.reason)",
        path: path, cause: failure)
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard let first = bytes.first, first != UInt8(ascii: ".") else { continue }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        unreadable.append(String(decoding: bytes, as: UTF8.self))
        continue
      }
      if Folder.droppings.contains(name.lowercased()) { continue }
      if InputFile.isFolder("\(path)/\(name)") { folders.append(name) } else { files.append(name) }
    }
    files.sort(by: Folder.precedes)
    folders.sort(by: Folder.precedes)
    unreadable.sort(by: Folder.precedes)
  }

  /// The error of a folder that is not there, with those beside it that may have been meant.
  private static func missing(_ path: String, _ failure: SystemFailure) -> DataError {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let name = parts.last.map(String.init) ?? ""
    let above = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    let beside = (try? Folder(above.isEmpty ? "/" : above))?.folders ?? []
    let close = name.isEmpty ? [] : NearMiss.suggestions(for: name, among: beside)
    let places = close.map { parts.count > 1 ? "\(above)/\($0)" : $0 }
    let hint = places.isEmpty ? "" : "; did you mean \(places.joined(separator: ", "))?"
    return DataError(.notFound, "there is no such folder\(hint)", path: path, cause: failure)
  }

  /// The order of code points, as Python sorts; Swift's own would depend on its Unicode tables.
  static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  /// What identifies a folder, however it is reached; nil where it is not there.
  struct Identity: Hashable {
    var device: UInt64
    var number: UInt64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt64(truncatingIfNeeded: status.st_dev)
      number = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }

  /// The files at a pattern of `*`, `?` and `[…]`, in the order of their bytes.
  static func glob(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    #if canImport(Glibc)
      let status = Glibc.glob(pattern, 0, nil, &found)
    #elseif canImport(Musl)
      let status = Musl.glob(pattern, 0, nil, &found)
    #else
      let status = Darwin.glob(pattern, 0, nil, &found)
    #endif
    guard status == 0, let paths = found.gl_pathv else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap {
      paths[$0].flatMap { String(validatingCString: $0) }
    }
    .sorted(by: precedes)
  }

  /// The processors that are there.
  static var processors: Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }
}
