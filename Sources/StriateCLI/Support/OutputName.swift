import ArgumentParser

/// What a file that is written may be called.
enum OutputName {
  /// Refuses a name that ends as files of another kind do; a name without an ending is taken as it is.
  ///
  /// - Parameters:
  ///   - option: the option that the name was given to.
  ///   - ending: the only ending that there may be, with its point.
  ///   - kind: the kind of file that is written.
  static func check(
    _ path: String, _ option: String, ending: String, kind: String
  ) throws {
    let name = path.split(separator: "/").last ?? ""
    guard let point = name.dropFirst().lastIndex(of: ".") else { return }
    guard name[point...].lowercased() != ending else { return }
    throw ValidationError(
      "\(option) writes \(kind): expected a name that ends with \(ending), found '\(path)'; "
        + "try \(path.dropLast(name[point...].count))\(ending)")
  }
}
