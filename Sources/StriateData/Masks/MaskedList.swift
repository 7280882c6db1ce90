import StriateCore

/// Images and masks that a text file names, and what it names that is not there.
struct MaskedList {
  private(set) var pairs: [MaskedImages.Pair] = []
  private(set) var missing: [BadFile] = []

  /// How many pairs the file names.
  var count: Int { pairs.count + missing.count }

  /// Adds a pair; where a file of it is not there, it is missing.
  mutating func add(image: String, mask: String) {
    if !InputFile.exists(image) {
      missing.append(BadFile(name: image, reason: "there is no such image"))
    } else if !InputFile.exists(mask) {
      missing.append(BadFile(name: image, reason: "there is no mask \(mask)"))
    } else {
      pairs.append(.init(image: image, mask: mask))
    }
  }

  /// The lines of a text file with their numbers, blanks around taken off, empty ones left out.
  ///
  /// - Throws: `DataError` where it cannot be read or has no line.
  static func lines(
    _ path: String
  ) throws(DataError) -> [(number: Int, words: [String])] {
    let text = String(decoding: try DataError.contents(of: path), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map { ($0 + 1, $1.split(whereSeparator: \.isWhitespace).map(String.init)) }
      .filter { !$0.1.isEmpty }
    guard !lines.isEmpty else {
      throw DataError(.malformed, "names no image; expected one a line", path: path)
    }
    return lines
  }

  /// Opens the pairs and looks at every mask.
  ///
  /// - Throws: `DataError` that names and counts what cannot be used.
  func opened(
    _ path: String, names: [String], coding: MaskCoding = .numbers,
    palette: [RGB] = Mask.palette, ignoring: Int = MaskedImages.usualIgnored, badFiles: BadFiles
  ) throws(DataError) -> MaskedImages {
    try MaskedImages(
      pairs, coding: coding, names: names, palette: palette, path: path, ignoring: ignoring,
      missing: missing, badFiles: badFiles)
  }
}
