import StriateCore

/// CamVid's lists, as `camvid:FOLDER` names them (Brostow, Fauqueur, Cipolla, "Semantic object classes in video", 2009,
/// with the split and the 11 classes of SegNet).
///
/// `train.txt`, `val.txt` and `test.txt` have an image and its mask a line; their paths begin with any folders, such as
/// `/SegNet/CamVid`, and end with those below this one. Masks hold grey levels, 11 where a pixel does not count; where
/// `label_colors.txt` is there, its colours and its classes, those named Void not counting. The folder around `CamVid`
/// is taken too.
public struct CamVidData: MaskedKind {
  /// The folder.
  public let folder: String

  public static let names = ["camvid"]
  public static let forms = ["camvid:FOLDER"]

  /// The classes in the order of their grey levels.
  public static let classNames = [
    "Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol", "Fence", "Car",
    "Pedestrian", "Bicyclist",
  ]

  public init(_ name: DataName) throws(DataError) { folder = try name.place("camvid:FOLDER") }

  public var description: String { "camvid:\(folder)" }

  public func masks(badFiles: BadFiles) throws(DataError) -> MaskedSplits {
    let isAround =
      !InputFile.exists("\(folder)/train.txt") && InputFile.exists("\(folder)/CamVid/train.txt")
    let place = isAround ? "\(folder)/CamVid" : folder
    let listed = try Folder(place).files
    guard listed.contains("train.txt") else {
      throw DataError(
        .notFound, "expected train.txt, val.txt and test.txt, an image and its mask a line",
        path: place)
    }
    let table: ColorTable? =
      listed.contains("label_colors.txt")
      ? try ColorTable(file: "\(place)/label_colors.txt").ignoring("void") : nil
    func opened(_ name: String) throws(DataError) -> MaskedImages? {
      guard listed.contains(name) else { return nil }
      let list = try Self.list("\(place)/\(name)", in: place)
      guard let table else {
        return try list.opened(
          place, names: Self.classNames, ignoring: Self.classNames.count, badFiles: badFiles)
      }
      return try list.opened(
        place, names: table.names, coding: .colors(table), palette: table.palette,
        badFiles: badFiles)
    }
    guard let train = try opened("train.txt") else {
      throw DataError(.notFound, "expected train.txt", path: place)
    }
    return MaskedSplits(
      train: train, validation: try opened("val.txt"), test: try opened("test.txt"))
  }

  private static func list(_ path: String, in folder: String) throws(DataError) -> MaskedList {
    var list = MaskedList()
    for (number, words) in try MaskedList.lines(path) {
      guard words.count == 2 else {
        throw DataError(
          .malformed,
          "line \(number) has \(Numbers.counted(words.count, "word")); expected an image and its mask, as "
            + "'train/NAME.png trainannot/NAME.png'", path: path)
      }
      list.add(image: found(words[0], in: folder), mask: found(words[1], in: folder))
    }
    return list
  }

  /// The file below a folder that a path of another machine ends with: the longest end that is there, of a folder and
  /// a name at least.
  private static func found(_ path: String, in folder: String) -> String {
    let parts = path.split(separator: "/")
    let ends = parts.indices.map { parts[$0...].joined(separator: "/") }
    let below = ends.prefix(max(parts.count - 1, 1)).map { "\(folder)/\($0)" }
    return below.first { InputFile.exists($0) } ?? below.last ?? folder
  }
}
