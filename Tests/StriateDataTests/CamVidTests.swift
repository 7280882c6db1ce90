import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// CamVid's lists with paths of another machine.
@Suite(.enabled(if: (try? Image(width: 1, height: 1, channels: 1, pixels: [0]).png()) != nil))
struct CamVidTests {
  typealias Kinds = MaskedKindTests

  private static func camvid(around: String = "") throws -> Kinds.Layout {
    var files: [String: [UInt8]] = [:]
    for (split, count) in [("train", 3), ("val", 1), ("test", 2)] {
      var lines = ""
      for index in 0..<count {
        let name = "0001TP_00\(index).png"
        files["\(around)\(split)/\(name)"] = try Kinds.image()
        files["\(around)\(split)annot/\(name)"] = try Kinds.grey([0, 1, 10, 11, 3, 3, 3, 3])
        lines += "/SegNet/CamVid/\(split)/\(name) /SegNet/CamVid/\(split)annot/\(name)\n"
      }
      files["\(around)\(split).txt"] = Array(lines.utf8)
    }
    return Kinds.Layout(data: "camvid:", files: files)
  }

  @Test(
    "lists are followed below the folder; what is void does not count", arguments: ["", "CamVid/"])
  func lists(around: String) throws {
    try Self.camvid(around: around).opened { splits, source in
      #expect(splits.train.count == 3 && splits.validation?.count == 1 && splits.test?.count == 2)
      #expect(splits.train.classNames.count == 11 && splits.train.ignoring == 11)
      #expect(splits.train.classNames.first == "Sky" && splits.train.classNames.last == "Bicyclist")
      #expect(source.description.hasPrefix("camvid:/"))
    }
    let folder = try Scratch()
    for (name, bytes) in try Self.camvid().files { try folder.write(name, bytes) }
    var request = DataSource.Request()
    request.preparation.input = [3, 2, 4]
    let data = try DataSource.parse("camvid:\(folder.path)").load(request)
    #expect(data.isHeldOut && data.final?.count == 2)
    #expect(try data.train.example(0)[1].scalars(as: Int32.self) == [0, 1, 10, 255, 3, 3, 3, 3])
  }

  @Test("colours of label_colors.txt become its classes, Void none")
  func colors() throws {
    var layout = try Self.camvid()
    layout.files["label_colors.txt"] = Array("9 8 7\tAnimal\n0 0 0\t\tVoid\n1 1 1 Archway\n".utf8)
    for name in layout.files.keys where name.contains("annot") {
      var pixels = try Image(width: 4, height: 2, color: [9, 8, 7]).pixels
      pixels.replaceSubrange(0..<6, with: [0, 0, 0, 1, 1, 1])
      layout.files[name] = try Image(width: 4, height: 2, channels: 3, pixels: pixels).png()
    }
    try layout.opened { splits, _ in
      #expect(splits.train.classNames == ["Animal", "Archway"])
      let labels = try splits.train.mask(0).labels
      #expect(labels == [255, 1, 0, 0, 0, 0, 0, 0])
    }
  }

  private static let faults = [
    Kinds.Fault("another size", ["1 of 3 pairs", "0001TP_001.png", "2×4"]) {
      $0["trainannot/0001TP_001.png"] = try Kinds.grey([0, 1, 1, 0, 0, 0, 0, 0], 2)
    },
    Kinds.Fault("unknown colours", ["1 of 3 pairs", "0001TP_001.png", "colours"]) {
      $0["trainannot/0001TP_001.png"] = try Kinds.image()
    },
    Kinds.Fault("a class beyond", ["0001TP_000.png", "class 12", "0 to 10 or 11"]) {
      $0["trainannot/0001TP_000.png"] = try Kinds.grey([0, 12, 1, 0, 0, 0, 0, 0])
    },
    Kinds.Fault("no mask", ["1 of 2 pairs", "0001TP_001.png", "no mask"]) {
      $0["testannot/0001TP_001.png"] = nil
    },
    Kinds.Fault("16 bits", ["0001TP_000.png", "class 300"]) {
      $0["trainannot/0001TP_000.png"] = try Mask(
        width: 4, height: 2, labels: [0, 300, 1, 0, 0, 0, 0, 0]
      ).deepPNG()
    },
    Kinds.Fault("images alone", ["expected train.txt"]) { files in
      files = files.filter { $0.key.hasPrefix("train/") }
    },
    Kinds.Fault("a line of one word", ["val.txt", "line 1", "1 word"]) {
      $0["val.txt"] = Array("/SegNet/CamVid/val/0001TP_000.png\n".utf8)
    },
  ]

  @Test("what is wrong is named and counted", arguments: faults)
  func fault(_ fault: Kinds.Fault) throws { try Kinds.refused(Self.camvid(), fault) }
}
