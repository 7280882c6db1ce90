import StriateCore

/// The names that a pattern of braces and wildcards stands for.
enum ShardPattern {
  /// The most names a pattern may stand for.
  static let limit = 100_000

  /// The files: ranges such as `{000..012}` and lists such as `{a,b}` are written out, then `*`, `?` and
  /// `[…]` are looked up.
  ///
  /// - Throws: `DataError` where the braces make no sense, or a file is not there.
  static func files(_ pattern: String) throws(DataError) -> [String] {
    var files: [String] = []
    for name in try expand(pattern) {
      if InputFile.exists(name) {
        files.append(name)
      } else if name.contains(where: { "*?[".contains($0) }) {
        let found = Folder.glob(name).filter(InputFile.exists)
        guard !found.isEmpty else {
          throw DataError(.notFound, "no file has a name like this", path: name)
        }
        files += found
      } else {
        throw DataError(.notFound, "there is no such file", path: name)
      }
    }
    return files
  }

  /// The names that the braces stand for, the last braces changing fastest.
  static func expand(_ pattern: String) throws(DataError) -> [String] {
    guard let open = pattern.firstIndex(of: "{") else { return [pattern] }
    let inside = pattern[pattern.index(after: open)...]
    guard let close = inside.firstIndex(of: "}") else {
      throw DataError(.invalidRequest, "\(pattern): a '{' without a '}'")
    }
    let choices = try choices(String(inside[..<close]), pattern)
    let rests = try expand(String(inside[inside.index(after: close)...]))
    guard choices.count.multipliedReportingOverflow(by: rests.count).partialValue <= limit else {
      throw DataError(.invalidRequest, "\(pattern): stands for more than \(limit) files")
    }
    let start = pattern[..<open]
    return choices.flatMap { choice in rests.map { start + choice + $0 } }
  }

  private static func choices(_ text: String, _ pattern: String) throws(DataError) -> [String] {
    guard let dots = text.firstRange(of: "..") else {
      return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let (first, last) = (text[..<dots.lowerBound], text[dots.upperBound...])
    func number(_ digits: Substring) -> Int? {
      digits.count <= 9 && digits.allSatisfy({ $0.isASCII && $0.isNumber }) ? Int(digits) : nil
    }
    guard let low = number(first), let high = number(last), low <= high, high - low < limit else {
      throw DataError(
        .invalidRequest,
        "\(pattern): expected a range such as {000..012} of at most \(limit), found {\(text)}")
    }
    return (low...high).map { value in
      let digits = String(value)
      return String(repeating: "0", count: max(first.count - digits.count, 0)) + digits
    }
  }
}
