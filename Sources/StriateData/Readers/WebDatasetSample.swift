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
/// follows is the ending, in small letters; a file without a point is passed over and ends no sample.
struct WebDatasetSample {
  let key: String
  private(set) var files: [(ending: String, entry: TarIndex.Entry)] = []
  /// Why the sample is none; nil where nothing is wrong so far.
  private(set) var fault: String?

  init(_ key: String) { self.key = key }

  /// The key and the ending of a file; nil of a file without one, of metadata and of hidden files.
  static func parts(_ path: String) -> (key: String, ending: String)? {
    // Names between two pairs of lines are the archive's own.
    if let first = path.split(separator: "/").first, first.count >= 4, first.hasPrefix("__"),
      first.hasSuffix("__")
    {
      return nil
    }
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    guard let point = path[start...].firstIndex(of: "."), point != start else { return nil }
    return (String(path[..<point]), path[path.index(after: point)...].lowercased())
  }

  mutating func add(_ ending: String, _ entry: TarIndex.Entry) {
    if fault == nil, files.contains(where: { $0.ending == ending }) {
      fault = "the sample has two files named .\(ending)"
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
    if let asked { return files.first { $0.ending == asked }?.entry }
    for ending in usual {
      if let file = files.first(where: { $0.ending == ending }) { return file.entry }
    }
    let others = files.filter { file in usual.contains { file.ending.hasSuffix(".\($0)") } }
    guard others.count > 1 else { return others.first?.entry }
    let list = others.prefix(3).map { ".\($0.ending)" }.joined(separator: ", ")
    throw DataError(
      .malformed,
      "the sample '\(key)', whose key ends at the first point, has \(others.count) files that may be its \(what): "
        + "\(list)\(others.count > 3 ? ", …" : ""); choose one with webdataset(\(what)=\(others[0].ending)):PATTERN, "
        + "or write names without points")
  }
}
