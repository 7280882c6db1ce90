import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// ILSVRC's folders, the development kit's numbers and the order of networks' answers.
@Suite struct ILSVRCTests {
  private let jpeg = Result { try Pictures.bytes("ycc-420.jpg") }
  private let kit = "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt"

  private func load(_ folder: Scratch) throws -> DataSource.ImageSplits {
    try DataSource.parse("ilsvrc:\(folder.path)").images()
  }

  private func image(_ number: Int) -> String {
    let digits = String(number)
    return "val/ILSVRC2012_val_" + String(repeating: "0", count: 8 - digits.count) + digits
      + ".JPEG"
  }

  /// Numbers and names as torchvision and the development kit have them.
  @Test func thereAreAThousandClasses() {
    let all = ILSVRC.categories
    #expect(all.count == 1000)
    #expect(Set(all.map(\.synset)).count == 1000 && Set(all.map(\.name)).count == 1000)
    #expect(all.map(\.synset) == all.map(\.synset).sorted())
    #expect(all.map(\.number).sorted() == Array(1...1000))
    #expect(all[0].synset == "n01440764" && all[0].number == 449 && all[0].name == "tench")
    #expect(all[65].synset == "n01751748" && all[65].number == 490 && all[65].name == "sea snake")
    #expect(all[999].synset == "n15075141" && all[999].name == "toilet tissue")
    #expect(ILSVRC.name(ofSynset: "n01751748") == "sea snake")
    #expect(ILSVRC.name(ofSynset: "n00000000") == nil)
  }

  @Test func validationImagesGetTheKitsLabels() throws {
    let folder = try Scratch()
    for number in [3, 1] { try folder.write(image(number), jpeg.get()) }
    try folder.write("val/notes.txt", Array("notes".utf8))
    try folder.write(kit, Array("490\n361\n449\n".utf8))
    let splits = try load(folder)
    #expect(splits.test == nil)
    let data = splits.train
    #expect(data.count == 2 && data.classNames == ILSVRC.names)
    #expect(try (0..<2).map { try data.label(at: $0) } == [65, 0])
    #expect(try data.size(at: 0) == data.image(at: 0).size)
    #expect(data.warnings.count == 1)
  }

  @Test func synsetsAreClassesUnderTheirNames() throws {
    let folder = try Scratch()
    for name in ["train/n01751748/a.JPEG", "train/n01440764/b.JPEG", "val/n01751748/c.JPEG"] {
      try folder.write(name, jpeg.get())
    }
    let splits = try load(folder)
    #expect(splits.train.classNames == ILSVRC.names && splits.test?.classNames == ILSVRC.names)
    #expect(try (0..<2).map { try splits.train.label(at: $0) } == [0, 65])
    #expect(try splits.test?.label(at: 0) == 65)
  }

  @Test func whatIsMissingOrWrongIsNamed() throws {
    let folder = try Scratch()
    func fault() -> String {
      do { _ = try load(folder) } catch { return "\(error)" }
      return ""
    }
    #expect(fault().contains("neither train/ nor val/"))
    try folder.write(image(1), jpeg.get())
    #expect(fault().contains("devkit"))
    for wrong in ["0", "1001", "cat", "4 9 0 0"] {
      try folder.write(kit, Array("490\n\(wrong)\n".utf8))
      #expect(fault().contains("line 2") && fault().contains("from 1 to 1000"), "\(wrong)")
    }
    try folder.write(kit, Array("490\n".utf8))
    try folder.write(image(2), jpeg.get())
    #expect(fault().contains("1 labels"))
    try folder.write(kit, Array("490\n449\n".utf8))
    try folder.write("train/n00000000/a.JPEG", jpeg.get())
    #expect(fault().contains("n00000000"))
  }
}
