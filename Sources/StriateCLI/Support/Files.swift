import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders and times.
enum Files {
  /// Makes a folder and those above it; one that is there is left alone.
  static func makeFolder(_ path: String) throws {
    if InputFile.isFolder(path) { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    if mkdir(path, 0o777) != 0, !InputFile.isFolder(path) {
      throw InspectError(
        .missing,
        "the folder \(path) cannot be made: \(SystemFailure.last("mkdir").reason); choose another "
          + "--output-dir")
    }
  }

  /// The local time as `20261122-175239`.
  static func timestamp() -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
    return "\(day)-\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))"
  }
}
