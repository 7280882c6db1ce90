import StriateCore

/// A folder of images and masks, as `segfolder:FOLDER` names it.
///
/// `{train,val,test}/{images,masks}/NAME.*`, or `images/` and `masks/` (or `labels/`) with an `index.csv` whose columns
/// `name` and `split` say what is learned from; without an index all of it is. An image and its mask have the same
/// name but for the ending. Masks hold palette indices or grey values, 255 where a pixel does not count, or colours
/// where `colors.txt` lists them (see `ColorTable`). `classes.txt` names the classes, a line each.
public struct SegmentationFolder: Sendable {
  /// The images to learn from.
  public let train: MaskedImages
  /// The images that choose the best weights; nil where the folder has none apart.
  public let validation: MaskedImages?
  /// The images that are measured once, at the end; nil where the folder has none.
  public let test: MaskedImages?

  private enum Split: String, CaseIterable {
    case train, validation, test

    init?(named name: String) {
      switch name.lowercased() {
      case "train", "training": self = .train
      case "val", "valid", "validation": self = .validation
      case "test", "testing": self = .test
      default: return nil
      }
    }
  }

  /// Opens a folder and looks at every mask.
  ///
  /// - Parameter instances: whether masks hold numbers of objects, 0 being none; the classes are then `background` and
  ///   `object`.
  /// - Throws: `DataError` naming and counting what cannot be used.
  public init(
    _ path: String, instances: Bool = false, badFiles: BadFiles = .fail
  ) throws(DataError) {
    let folder = try Folder(path)
    var pairs: [Split: (pairs: [MaskedImages.Pair], missing: [BadFile])] = [:]
    for name in folder.folders {
      guard let split = Split(named: name) else { continue }
      pairs[split] = try Self.pairs(in: "\(path)/\(name)")
    }
    if pairs.isEmpty {
      let all = try Self.pairs(in: path)
      pairs = try Self.split(all, by: "\(path)/index.csv")
    }
    guard let learned = pairs[.train] else {
      throw DataError(
        .notFound,
        "holds no images to learn from; expected train/images and train/masks, or "
          + "images/, masks/ and an index.csv with 'train' in its column split", path: path)
    }
    let table: ColorTable? =
      InputFile.exists("\(path)/colors.txt") && !instances
      ? try ColorTable(file: "\(path)/colors.txt") : nil
    let names = try instances ? ["background", "object"] : Self.names(path, table)
    let coding: MaskCoding = table.map { .colors($0) } ?? (instances ? .instances : .numbers)
    let palette = table?.palette ?? Mask.palette
    func opened(
      _ found: (pairs: [MaskedImages.Pair], missing: [BadFile]), _ names: [String]?
    ) throws(DataError) -> MaskedImages {
      try MaskedImages(
        found.pairs, coding: coding, names: names, palette: palette, path: path,
        missing: found.missing, badFiles: badFiles)
    }
    train = try opened(learned, names)
    // Other splits may show fewer classes than there are, but none that nothing was learned of.
    let known = train.classNames
    validation = if let found = pairs[.validation] { try opened(found, known) } else { nil }
    test = if let found = pairs[.test] { try opened(found, known) } else { nil }
  }

  /// The images of a folder with their masks, and those that have none.
  private static func pairs(
    in path: String
  ) throws(DataError) -> (pairs: [MaskedImages.Pair], missing: [BadFile]) {
    let inside = try Folder(path).folders
    guard inside.contains("images"),
      let masks = ["masks", "labels"].first(where: { inside.contains($0) })
    else {
      throw DataError(
        .notFound,
        "expected the folders images and masks (or labels), found "
          + (inside.isEmpty ? "none" : inside.prefix(8).joined(separator: ", ")), path: path)
    }
    func files(_ folder: String) throws(DataError) -> [(stem: String, path: String)] {
      try ImageFormat.files(in: "\(path)/\(folder)", tiff: true).map { file in
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return (name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name, file)
      }
    }
    var others: [String: String] = [:]
    for (stem, file) in try files(masks) { others[stem] = file }
    var pairs: [MaskedImages.Pair] = []
    var missing: [BadFile] = []
    for (stem, file) in try files("images") {
      if let mask = others.removeValue(forKey: stem) {
        pairs.append(.init(image: file, mask: mask))
      } else {
        missing.append(BadFile(name: file, reason: "there is no mask \(path)/\(masks)/\(stem).png"))
      }
    }
    missing += others.values.sorted().map {
      BadFile(name: $0, reason: "there is no image to this mask")
    }
    guard !pairs.isEmpty || !missing.isEmpty else {
      throw DataError(.notFound, "holds no PNG, JPEG or TIFF images", path: "\(path)/images")
    }
    return (pairs, missing)
  }

  /// The pairs by what the index says of them.
  private static func split(
    _ all: (pairs: [MaskedImages.Pair], missing: [BadFile]), by index: String
  ) throws(DataError) -> [Split: (pairs: [MaskedImages.Pair], missing: [BadFile])] {
    guard InputFile.exists(index) else { return [.train: all] }
    let text = String(decoding: try DataError.contents(of: index), as: UTF8.self)
    let rows = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map { word in
        String(
          word.drop { $0 == " " || $0 == "\"" }.reversed().drop { $0 == " " || $0 == "\"" }
            .reversed())
      }
    }
    guard let head = rows.first, let name = head.firstIndex(of: "name"),
      let split = head.firstIndex(of: "split")
    else {
      throw DataError(
        .malformed,
        "expected a first line with the columns name and split, found "
          + "'\(rows.first?.joined(separator: ",") ?? "")'", path: index)
    }
    var splits: [String: Split] = [:]
    for (number, row) in rows.enumerated().dropFirst() {
      guard row.indices.contains(max(name, split)) else {
        throw DataError(
          .malformed, "line \(number + 1) has \(row.count) columns, the first line \(head.count)",
          path: index)
      }
      guard let part = Split(named: row[split]) else {
        throw DataError(
          .malformed,
          "line \(number + 1) gives the split '\(row[split])'; expected train, val or test",
          path: index)
      }
      splits[stem(row[name])] = part
    }
    var found: [Split: (pairs: [MaskedImages.Pair], missing: [BadFile])] = [:]
    for pair in all.pairs {
      let name = stem(pair.image.split(separator: "/").last.map(String.init) ?? pair.image)
      guard let part = splits.removeValue(forKey: name) else { continue }
      found[part, default: ([], [])].pairs.append(pair)
    }
    if let lost = splits.keys.min() {
      throw DataError(
        .malformed,
        "names \(splits.count) images that have no image with a mask, such as '\(lost)'",
        path: index)
    }
    return found
  }

  private static func stem(_ name: String) -> String {
    ImageFormat.isNamedAsImage(name)
      ? name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name : name
  }

  /// The names of the classes; nil where nothing names them.
  private static func names(_ path: String, _ table: ColorTable?) throws(DataError) -> [String]? {
    let file = "\(path)/classes.txt"
    if InputFile.exists(file) {
      let text = String(decoding: try DataError.contents(of: file), as: UTF8.self)
      return text.split(whereSeparator: \.isNewline).map(String.init)
    }
    return table?.names
  }
}
