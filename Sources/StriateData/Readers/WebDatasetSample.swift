import StriateCore

/// Which files of a sample are its image and its class: the endings of their names.
public struct WebDatasetKeys: Sendable, Hashable {
  /// The ending of the image's name; nil takes `jpg`, `jpeg`, `png`, whichever is there first.
  public var image: String?
  /// The ending of the class's name; nil takes `cls`.
  public var label: String?

  /// Endings; nil for the usual ones.
  public init(image: String? = nil, label: String? = nil) {
    (self.image, self.label) = (image, label)
  }

  /// Reads `image=rgb.png,label=coarse.cls`.
  ///
  /// - Throws: `DataError` where it says something else.
  init(parsing text: some StringProtocol, of whole: String) throws(DataError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[1].isEmpty, !sides[1].contains("/") else {
        throw DataError(
          .invalidRequest,
          "\(whole): expected webdataset(image=ENDING,label=ENDING):PATTERN, found '\(part)'")
      }
      let ending = String(sides[1].first == "." ? sides[1].dropFirst() : sides[1]).lowercased()
      switch sides[0] {
      case "image": image = ending
      case "label": label = ending
      default:
        throw DataError(
          .invalidRequest, "\(whole): a sample has an image and a label, no '\(sides[0])'")
      }
    }
  }

  /// As the command line has it: `(image=rgb.png)`, or nothing.
  var description: String {
    let parts = [image.map { "image=\($0)" }, label.map { "label=\($0)" }].compactMap { $0 }
    return parts.isEmpty ? "" : "(\(parts.joined(separator: ",")))"
  }
}

/// The files of a sample: next to each other in an archive, their paths alike up to the first point of the name.
///
/// As the package `webdataset` has it (1.0.2): the key ends at the first point of the name without its folders, what
/// follows is the ending, in small letters; a file without a point is passed over and ends no sample. Names are bytes:
/// two spellings of a letter in Unicode are two names, and a name need not be UTF-8. Hidden files are passed over too,
/// which the package does only where they lie in no folder: what macOS puts beside each file (`a/._0.jpg`) splits the
/// samples there.
struct WebDatasetSample {
  let key: [UInt8]
  private(set) var files: [(ending: [UInt8], entry: TarIndex.Entry)] = []
  /// Why the sample is none; nil where nothing is wrong so far.
  private(set) var fault: String?

  init(_ key: [UInt8]) { self.key = key }

  /// What the name of a file says.
  enum Name {
    /// A file of a sample.
    case file(key: [UInt8], ending: [UInt8])
    /// A hidden file, whose name begins with a point.
    case hidden
    /// The archive's own, or a name without a point.
    case none
  }

  /// Parts the name of a file.
  static func parts(_ path: [UInt8]) -> Name {
    let (slash, point, line) = (UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"))
    // Names between two pairs of lines are the archive's own.
    let first = path.prefix { $0 != slash }
    if first.count >= 4, first.prefix(2) == [line, line], first.suffix(2) == [line, line] {
      return .none
    }
    let start = path.lastIndex(of: slash).map { $0 + 1 } ?? 0
    guard let end = path[start...].firstIndex(of: point) else { return .none }
    if end == start { return .hidden }
    return .file(key: Array(path[..<end]), ending: lowercased(path[(end + 1)...]))
  }

  /// Small letters, of what is UTF-8 all and otherwise those of ASCII.
  private static func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    if bytes.contains(where: { $0 >= 0x80 }), let text = String(validating: bytes, as: UTF8.self) {
      return Array(text.lowercased().utf8)
    }
    return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }

  mutating func add(_ ending: [UInt8], _ entry: TarIndex.Entry) {
    if fault == nil, files.contains(where: { $0.ending == ending }) {
      fault = "the sample has two files named .\(String(decoding: ending, as: UTF8.self))"
    }
    files.append((ending, entry))
  }

  private static let images = ["jpg", "jpeg", "png"]

  /// The image: what was asked for, else the first of `.jpg`, `.jpeg`, `.png`, else the only one with more before it.
  func image(_ keys: WebDatasetKeys) throws(DataError) -> TarIndex.Entry? {
    try file(keys.image, usual: Self.images, "image")
  }

  /// The class: what was asked for, else `.cls`, else the only one with more before it.
  func label(_ keys: WebDatasetKeys) throws(DataError) -> TarIndex.Entry? {
    try file(keys.label, usual: ["cls"], "label")
  }

  private func file(
    _ asked: String?, usual: [String], _ what: String
  ) throws(DataError) -> TarIndex.Entry? {
    if let asked { return files.first { $0.ending == Array(asked.utf8) }?.entry }
    for ending in usual {
      if let file = files.first(where: { $0.ending == Array(ending.utf8) }) { return file.entry }
    }
    let others = files.filter { file in
      usual.contains { file.ending.suffix($0.utf8.count + 1).elementsEqual(".\($0)".utf8) }
    }.map { (ending: String(decoding: $0.ending, as: UTF8.self), entry: $0.entry) }
    guard others.count > 1 else { return others.first?.entry }
    let list = others.prefix(3).map { ".\($0.ending)" }.joined(separator: ", ")
    throw DataError(
      .malformed,
      "the sample '\(String(decoding: key, as: UTF8.self))', whose key ends at the first point, has \(others.count) files that may be its \(what): "
        + "\(list)\(others.count > 3 ? ", …" : ""); choose one with webdataset(\(what)=\(others[0].ending)):PATTERN, "
        + "or write names without points")
  }
}
