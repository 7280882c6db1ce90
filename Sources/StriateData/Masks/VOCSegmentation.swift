import StriateCore

/// PASCAL VOC's layout for segmentation, as `voc-seg:FOLDER` names it (Everingham et al., "The PASCAL visual object
/// classes challenge", IJCV 2010).
///
/// `JPEGImages/NAME.jpg`, `SegmentationClass/NAME.png` with palette indices, 255 where a pixel does not count, and
/// `ImageSets/Segmentation/{train,val,trainval,test}.txt` with a name a line. The folder around it is taken too:
/// `VOCdevkit` or what holds it, where one year is in it. `#trainval` learns from both lists. The masks of the test
/// images are not published; where none of them is there, the list is left out.
public struct VOCSegmentationData: MaskedKind {
  /// The folder.
  public let folder: String
  /// Whether the images that choose the best weights are learned from too.
  public let learnsFromBoth: Bool

  public static let names = ["voc-seg"]
  public static let forms = ["voc-seg:FOLDER[#trainval]"]

  /// The classes in the order of their indices.
  public static let classNames = [
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair",
    "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa",
    "train", "tvmonitor",
  ]

  public init(_ name: DataName) throws(DataError) {
    let expected = "voc-seg:FOLDER or voc-seg:FOLDER#trainval"
    let (folder, mark) = try name.marked(expected)
    guard mark == nil || mark == "trainval" else {
      throw DataError(.invalidRequest, "\(name.text): expected \(expected)")
    }
    self.folder = folder
    learnsFromBoth = mark != nil
  }

  public var description: String { "voc-seg:\(folder)" + (learnsFromBoth ? "#trainval" : "") }

  public func masks(badFiles: BadFiles) throws(DataError) -> MaskedSplits {
    let place = try place()
    let inside = try Folder(place).folders
    guard inside.contains("SegmentationClass") else {
      throw DataError(
        .notFound,
        "has images but no folder SegmentationClass with their masks; found "
          + inside.joined(separator: ", "), path: place)
    }
    let images = try files(in: "\(place)/JPEGImages")
    func list(_ name: String) throws(DataError) -> MaskedList? {
      let path = "\(place)/ImageSets/Segmentation/\(name).txt"
      guard InputFile.exists(path) else { return nil }
      var list = MaskedList()
      for (number, words) in try MaskedList.lines(path) {
        guard words.count == 1 else {
          throw DataError(
            .malformed,
            "line \(number) has \(Numbers.counted(words.count, "word")); expected the name of an image alone",
            path: path)
        }
        list.add(
          image: images[words[0]] ?? "\(place)/JPEGImages/\(words[0]).jpg",
          mask: "\(place)/SegmentationClass/\(words[0]).png")
      }
      return list
    }
    func opened(_ list: MaskedList) throws(DataError) -> MaskedImages {
      try list.opened(place, names: Self.classNames, badFiles: badFiles)
    }
    let own = learnsFromBoth ? nil : try list("train")
    let both = own == nil ? try list("trainval") : nil
    guard let learned = own ?? both else {
      throw DataError(
        .notFound,
        "expected ImageSets/Segmentation/\(learnsFromBoth ? "trainval" : "train").txt, a name a line",
        path: place)
    }
    let train = try opened(learned)
    var (validation, test): (MaskedImages?, MaskedImages?) = (nil, nil)
    var notes: [String] = []
    if own != nil, let found = try list("val") { validation = try opened(found) }
    if let found = try list("test") {
      if found.pairs.isEmpty {
        notes.append("left out test.txt: none of its \(found.count) images has a mask")
      } else {
        test = try opened(found)
      }
    }
    return MaskedSplits(train: train, validation: validation, test: test, notes: notes)
  }

  /// The folder with `JPEGImages`: this one, or that of the only year inside.
  private func place() throws(DataError) -> String {
    var place = folder
    for _ in 0..<3 {
      let inside = try Folder(place).folders
      if inside.contains("JPEGImages") { return place }
      let years = inside.filter { $0.hasPrefix("VOC") && $0 != "VOCdevkit" }
      if years.count > 1 {
        throw DataError(
          .malformed,
          "holds \(years.joined(separator: ", ")); name one of them, as voc-seg:\(place)/\(years[0])",
          path: place)
      }
      guard let next = inside.contains("VOCdevkit") ? "VOCdevkit" : years.first else { break }
      place += "/\(next)"
    }
    throw DataError(
      .notFound,
      "expected JPEGImages, SegmentationClass and ImageSets/Segmentation, or VOCdevkit/VOC2012 around them",
      path: folder)
  }

  /// The files of a folder by their names without endings.
  private func files(in folder: String) throws(DataError) -> [String: String] {
    var found: [String: String] = [:]
    for file in try ImageFormat.files(in: folder) {
      let name = file.split(separator: "/").last ?? ""
      found[name.lastIndex(of: ".").map { String(name[..<$0]) } ?? String(name)] = file
    }
    return found
  }
}
