import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// Images with masks in the layouts of known data sets: what is read, and what is refused by name.
@Suite(.enabled(if: (try? Image(width: 1, height: 1, channels: 1, pixels: [0]).png()) != nil))
struct MaskedKindTests {
  /// The files of a layout, of which a test changes some.
  struct Layout: Sendable {
    var data: String
    var files: [String: [UInt8]]

    /// The data opened from a folder of their own.
    func opened(
      badFiles: BadFiles = .fail, _ body: (MaskedSplits, DataSource) throws -> Void = { _, _ in }
    ) throws {
      let folder = try Scratch()
      for (name, bytes) in files { try folder.write(name, bytes) }
      let source = try DataSource.parse(
        data.split(separator: "#").enumerated().map { $0 == 0 ? "\($1)\(folder.path)" : "\($1)" }
          .joined(separator: "#"))
      let kind = try #require(source.kind as? any MaskedKind)
      try withExtendedLifetime(folder) { try body(kind.masks(badFiles: badFiles), source) }
    }
  }

  static func image(_ width: Int = 4, _ height: Int = 2) throws -> [UInt8] {
    try Image(width: width, height: height, color: [9, 8, 7]).png()
  }

  static func mask(_ labels: [Int32], _ width: Int = 4) throws -> [UInt8] {
    try Mask(width: width, height: labels.count / width, labels: labels).png()
  }

  /// A grey mask, as CamVid's are.
  static func grey(_ labels: [UInt8], _ width: Int = 4) throws -> [UInt8] {
    try Image(width: width, height: labels.count / width, channels: 1, pixels: labels).png()
  }

  static func voc(around: String = "") throws -> Layout {
    var files: [String: [UInt8]] = [:]
    for (name, label) in [("2007_01", 1), ("2007_02", 15), ("2007_03", 20)] as [(String, Int32)] {
      files["\(around)JPEGImages/\(name).jpg"] = try image()
      files["\(around)SegmentationClass/\(name).png"] = try mask([
        0, label, label, 255, 0, 0, 0, 0,
      ])
    }
    files["\(around)JPEGImages/2012_09.jpg"] = try image()
    let lists = "\(around)ImageSets/Segmentation"
    files["\(lists)/train.txt"] = Array("2007_01\n2007_02\n".utf8)
    files["\(lists)/val.txt"] = Array("2007_03\r\n\n".utf8)
    files["\(lists)/trainval.txt"] = Array("2007_01\n2007_02\n2007_03\n".utf8)
    files["\(lists)/test.txt"] = Array("2012_09\n".utf8)
    return Layout(data: "voc-seg:", files: files)
  }

  @Test(
    "VOC's lists, also of the folders around",
    arguments: ["", "VOC2012/", "VOCdevkit/VOC2012/"])
  func vocLists(around: String) throws {
    try Self.voc(around: around).opened { splits, source in
      #expect(splits.train.count == 2 && splits.validation?.count == 1 && splits.test == nil)
      #expect(splits.notes.first?.contains("none of its 1 images") == true)
      #expect(splits.train.classNames.count == 21 && splits.train.classNames[15] == "person")
      let labels = try splits.train.mask(1).labels
      #expect(labels == [0, 15, 15, 255, 0, 0, 0, 0])
      #expect(source.isOfMasks && source.description.hasPrefix("voc-seg:/"))
    }
  }

  @Test("both lists of VOC are learned from where that is said")
  func vocBoth() throws {
    var layout = try Self.voc()
    layout.data = "voc-seg:#trainval"
    layout.files["SegmentationClass/2012_09.png"] = try Self.mask([0, 0, 0, 0, 1, 1, 1, 1])
    try layout.opened { splits, source in
      #expect(splits.train.count == 3 && splits.validation == nil && splits.test?.count == 1)
      #expect(source.description.hasSuffix("#trainval"))
    }
  }

  /// What is wrong with data of a layout, and the words of the refusal.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    let change: @Sendable (inout [String: [UInt8]]) throws -> Void

    init(
      _ name: String, _ words: [String],
      _ change: @escaping @Sendable (inout [String: [UInt8]]) throws -> Void
    ) {
      (testDescription, self.words, self.change) = (name, words, change)
    }
  }

  static func refused(_ layout: Layout, _ fault: Fault) throws {
    var layout = layout
    try fault.change(&layout.files)
    let error = #expect(throws: DataError.self) { try layout.opened() }
    for words in fault.words {
      #expect(error?.description.contains(words) == true, "\(words): \(error?.description ?? "")")
    }
  }

  static let vocFaults = [
    Fault("another size", ["1 of 2 pairs", "2007_02.png", "2×4", "4×2"]) {
      $0["SegmentationClass/2007_02.png"] = try mask([0, 1, 1, 0, 0, 0, 0, 0], 2)
    },
    Fault("unknown colours", ["1 of 2 pairs", "2007_01.png", "colours", "(9, 8, 7)"]) {
      $0["SegmentationClass/2007_01.png"] = try image()
    },
    Fault("a class beyond", ["1 of 2 pairs", "2007_01.png", "class 21", "0 to 20 or 255"]) {
      $0["SegmentationClass/2007_01.png"] = try mask([0, 21, 1, 0, 0, 0, 0, 0])
    },
    Fault("no mask", ["1 of 2 pairs", "2007_02.jpg", "there is no mask", "2007_02.png"]) {
      $0["SegmentationClass/2007_02.png"] = nil
    },
    Fault("no image", ["1 of 2 pairs", "2007_02.jpg", "no such image"]) {
      $0["JPEGImages/2007_02.jpg"] = nil
    },
    Fault("16 bits", ["1 of 2 pairs", "2007_01.png", "class 1000"]) {
      $0["SegmentationClass/2007_01.png"] = try Mask(
        width: 4, height: 2, labels: [0, 1000, 1, 0, 0, 0, 0, 0]
      ).deepPNG()
    },
    Fault("images alone", ["no folder SegmentationClass"]) { files in
      files = files.filter { !$0.key.hasPrefix("SegmentationClass") }
    },
    Fault("no lists", ["ImageSets/Segmentation/train.txt"]) { files in
      files = files.filter { !$0.key.hasPrefix("ImageSets") }
    },
    Fault("an empty list", ["train.txt", "no image"]) {
      $0["ImageSets/Segmentation/train.txt"] = Array("\n".utf8)
    },
    Fault("a list of another task", ["train.txt", "line 1", "2 words"]) {
      $0["ImageSets/Segmentation/train.txt"] = Array("2007_01 -1\n".utf8)
    },
    Fault("two years", ["VOC2007, VOC2012", "voc-seg:"]) { files in
      files = ["VOC2007/a": [1], "VOC2012/a": [1]]
    },
    Fault("another folder", ["expected JPEGImages"]) { $0 = ["a/b.txt": [1]] },
  ]

  @Test("what is wrong in VOC's layout is named and counted", arguments: vocFaults)
  func vocFault(_ fault: Fault) throws { try Self.refused(Self.voc(), fault) }

  @Test("16-bit masks are read where their numbers are classes; what is skipped is counted")
  func vocSkipped() throws {
    var layout = try Self.voc()
    layout.files["SegmentationClass/2007_01.png"] = try Mask(
      width: 4, height: 2, labels: [0, 20, 1, 255, 0, 0, 0, 0]
    ).deepPNG()
    layout.files["SegmentationClass/2007_02.png"] = [1, 2]
    try layout.opened(badFiles: .skip) { splits, _ in
      #expect(splits.train.count == 1 && splits.train.badFiles.count == 1)
      let labels = try splits.train.mask(0).labels
      #expect(labels.contains(20))
    }
  }
}
