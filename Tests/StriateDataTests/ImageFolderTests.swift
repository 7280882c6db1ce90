import StriateCore
import StriateData
import StriateTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ImageFolderTests {
  private let jpeg = Result { try Pictures.bytes("ycc-420.jpg") }
  private let png = Result { try Pictures.bytes("rgb.png") }

  @Test func readsClassesInTheOrderOfTheirNames() throws {
    let folder = try Scratch()
    for name in ["b/2.jpg", "b/10.jpg", "b/deep/x/1.png", "B/1.png", "é/1.png", "a/no-suffix"] {
      try folder.write(name, name.hasSuffix("png") ? png.get() : jpeg.get())
    }
    for name in [".hidden/1.jpg", "b/.1.jpg"] { try folder.write(name, jpeg.get()) }
    try folder.write("b/notes.txt", Array("notes".utf8))
    let data = try ImageFolder(folder.path)
    #expect(data.classNames == ["B", "a", "b", "é"])
    let names = (0..<data.count).map { String(data.name(at: $0).dropFirst(folder.path.count + 1)) }
    #expect(
      names == ["B/1.png", "a/no-suffix", "b/10.jpg", "b/2.jpg", "b/deep/x/1.png", "é/1.png"])
    #expect(try (0..<data.count).map { try data.label(at: $0) } == [0, 1, 2, 2, 2, 3])
    #expect(data.otherFiles == ["\(folder.path)/b/notes.txt"])
    #expect(data.warnings.count == 1 && data.warnings[0].contains("1 file is no image"))
    #expect(try data.image(at: 1).width == 53)
    #expect(throws: DataError.self) { try data.image(at: 6) }
    #expect(throws: DataError.self) { try data.label(at: -1) }
  }

  @Test func findsSplits() throws {
    let folder = try Scratch()
    for name in ["train/a/1.jpg", "train/b/1.jpg", "val/b/1.jpg"] {
      try folder.write(name, jpeg.get())
    }
    let splits = try DataSource.parse("imagefolder:\(folder.path)").images()
    #expect(splits.train.count == 2)
    #expect(splits.test == nil && splits.validation?.classNames == ["a", "b"])
    #expect(try splits.validation?.label(at: 0) == 1)
    #expect(splits.validation?.warnings.first?.contains("1 class without images: a") == true)
    // A class of the test split that cannot have been learnt.
    try folder.write("val/c/1.jpg", jpeg.get())
    let error = #expect(throws: DataError.self) { try ImageFolder.splits(folder.path) }
    #expect(error?.message.contains("class c") == true)
  }

  /// Training, validation and test folders in the spellings that archives have.
  @Test(arguments: [
    ("train", "val", "test"), ("Train", "Valid", "Test"), ("Training", "validation", "Testing"),
    ("TRAIN", "dev", "TEST"),
  ])
  func splitsInEverySpelling(_ train: String, _ val: String, _ test: String) throws {
    let folder = try Scratch()
    for name in [
      "\(train)/a/1.jpg", "\(train)/b/1.jpg", "\(val)/b/1.jpg", "\(test)/a/1.jpg",
      "\(test)/b/2.jpg",
    ] {
      try folder.write(name, jpeg.get())
    }
    try folder.write("__MACOSX/\(train)/a/._1.jpg", [0])
    try folder.write("\(train)/Thumbs.db", [0])
    let source = try DataSource.parse("imagefolder:\(folder.path)")
    let images = try source.images()
    #expect(images.train.classNames == ["a", "b"] && images.train.count == 2)
    #expect(images.validation?.count == 1 && images.test?.count == 2)
    #expect(try images.validation?.label(at: 0) == 1)
    // A training chooses on the validation images and measures the test images at the end; a test takes these.
    var request = DataSource.Request()
    request.preparation.input = [3, 8, 8]
    let training = try source.load(request)
    #expect(training.test.count == 1 && training.final?.count == 2 && training.isHeldOut)
    request.allowsOneSplit = true
    #expect(try source.load(request).test.count == 2)
    request.preparation.validation = 0.5
    #expect(throws: DataError.self) { try source.load(request) }
    // Two spellings of one split.
    try folder.write("\(val == "val" ? "valid" : "val")/a/1.jpg", jpeg.get())
    let error = #expect(throws: DataError.self) { try source.images() }
    #expect(error?.message.contains("same split") == true)
  }

  @Test func testImagesWithoutLabelsAreLeftAside() throws {
    let folder = try Scratch()
    for name in ["train/a/1.jpg", "train/b/1.jpg", "val/b/1.jpg", "test/images/1.jpg"] {
      try folder.write(name, jpeg.get())
    }
    let images = try DataSource.parse("imagefolder:\(folder.path)").images()
    #expect(images.test == nil && images.validation?.count == 1)
    #expect(images.notes.count == 1 && images.notes[0].contains("no labels"))
    // With only some of them classes it is a fault.
    try folder.write("test/a/1.jpg", jpeg.get())
    #expect(throws: DataError.self) { try DataSource.parse("imagefolder:\(folder.path)").images() }
  }

  @Test func aFolderAroundAnotherIsTakenOff() throws {
    let folder = try Scratch()
    for name in ["photos/a/1.jpg", "photos/b/1.jpg", "photos/b/2.jpg"] {
      try folder.write(name, jpeg.get())
    }
    try folder.write("__MACOSX/photos/._a", [0])
    let images = try DataSource.parse("imagefolder:\(folder.path)").images()
    #expect(images.train.classNames == ["a", "b"] && images.train.count == 3)
    #expect(images.notes.count == 1 && images.notes[0].contains("photos"))
  }

  @Test func foldersCanBeNamed() throws {
    let folder = try Scratch()
    for name in ["one/a/1.jpg", "one/b/1.jpg", "two/b/1.jpg", "three/a/1.jpg"] {
      try folder.write(name, jpeg.get())
    }
    let text = "imagefolder(train=one,val=\(folder.path)/two,test=three):\(folder.path)"
    let source = try DataSource.parse(text)
    #expect(source.description == text)
    let images = try source.images()
    #expect(images.train.count == 2 && images.validation?.count == 1 && images.test?.count == 1)
    for text in ["imagefolder(val=a):x", "imagefolder(train=):x", "imagefolder(fit=a):x"] {
      #expect(throws: DataError.self) { try DataSource.parse(text) }
    }
  }

  /// Layouts that are read: their files, the images by split, and words of the notes.
  @Test(arguments: [
    ("x/y/train/a/1,x/y/train/b/1,x/y/test/b/1", [2, 0, 1], "x/y"),
    (
      "seg_train/seg_train/a/1,seg_train/seg_train/b/1,seg_test/seg_test/a/1,seg_pred/1",
      [2, 0, 1], "seg_pred"
    ),
    ("train2017/a/1,train2017/b/1,val2017/a/1", [2, 1, 0], "train=train2017"),
    (
      "images/train/a/1,images/train/b/1,images/val/a/1,labels/1.txt", [2, 1, 0],
      "labels has no images"
    ),
    (
      "train/a/1,train/b/1,test/a/1,stray,stray2", [2, 0, 1],
      "2 images lie beside the splits and are not used: stray"
    ),
    ("train/1,bus/1,test/1", [3, 0, 0], ""), ("test/1,control/1", [2, 0, 0], ""),
  ])
  func layouts(_ files: String, _ counts: [Int], _ words: String) throws {
    let folder = try layOut(files)
    defer { withExtendedLifetime(folder) {} }
    let images = try ImageFolder.splits(folder.path)
    let found = [images.train.count, images.validation?.count ?? 0, images.test?.count ?? 0]
    #expect(found == counts)
    let notes = images.notes.joined(separator: "\n")
    #expect(words.isEmpty ? notes.isEmpty : notes.contains(words), "\(notes)")
  }

  /// Layouts that may mean two things are refused with the way on.
  @Test(arguments: [
    ("val/a/1,val/b/1,test/a/1,test/b/1", "imagefolder(train=DIR,val=val,test=test):"),
    ("images/train/1,images/val/1,labels/1.txt", "text files are not read"),
    (
      "images/train/a/1,images/val/a/1,masks/train/a/1,masks/val/a/1",
      "imagefolder(train=train,val=val):"
    ),
    ("train/1,test/1", "imagefolder(train=.):"), ("train/a/1,extra/a/1", "imagefolder(train=.):"),
    ("train/a/1,train/b/1,Training/a/1,test/a/1", "imagefolder(train=Training,test=test):"),
    ("train/a/1,train/b/1,val/1,test/a/1", "imagefolder(train=train,test=test):"),
    ("train/A/1,train/B/1,test/a/1,test/b/1", "upper and lower case"),
    ("seg_train/a/1,seg_test/a/1,raw_train/a/1,raw_test/a/1", "splits twice"),
  ])
  func ambiguousLayouts(_ files: String, _ words: String) throws {
    let folder = try layOut(files)
    let error = #expect(throws: DataError.self) { try ImageFolder.splits(folder.path) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func classesNamedAsSplitsCanBeSaid() throws {
    let folder = try layOut("train/1,test/1,test/2")
    let images = try DataSource.parse("imagefolder(train=.):\(folder.path)").images()
    #expect(images.train.classNames == ["test", "train"] && images.train.count == 3)
  }

  /// Files of these names; those without an ending are images.
  private func layOut(_ files: String) throws -> Scratch {
    let folder = try Scratch()
    for name in files.split(separator: ",") {
      if name.hasSuffix(".txt") {
        try folder.write(String(name), [0])
      } else {
        try folder.write("\(name).jpg", jpeg.get())
      }
    }
    return folder
  }

  /// `train` is also something that photographs show.
  @Test func aClassNamedTrainIsAClass() throws {
    let folder = try Scratch()
    for name in ["train/1.jpg", "tram/1.jpg"] { try folder.write(name, jpeg.get()) }
    let splits = try ImageFolder.splits(folder.path)
    #expect(splits.train.classNames == ["train", "tram"])
    #expect(splits.test == nil)
  }

  @Test func linksAreFollowedOnce() throws {
    let folder = try Scratch()
    try folder.write("a/1.jpg", jpeg.get())
    try folder.write("elsewhere.jpg", jpeg.get())
    try folder.link("a/loop", to: "\(folder.path)/a")
    try folder.link("a/up", to: folder.path)
    try folder.link("a/2.jpg", to: "\(folder.path)/elsewhere.jpg")
    try folder.link("a/3.jpg", to: "\(folder.path)/nothing")
    try folder.link("b", to: "\(folder.path)/a")
    let error = #expect(throws: DataError.self) { try ImageFolder(folder.path) }
    #expect(error?.message.contains("3.jpg") == true)
    let data = try ImageFolder(folder.path, badFiles: .skip)
    #expect(data.classNames == ["a", "b"])
    #expect(data.count == 4)
    #expect(data.badFiles.count == 2)
  }

  /// Where nothing is left, the error says what is wrong with what was found.
  @Test func aFolderOfBadFilesAloneSaysWhy() throws {
    let folder = try Scratch()
    try folder.write("a/1.png", [])
    for policy in [BadFiles.fail, .skip] {
      let error = #expect(throws: DataError.self) {
        try ImageFolder(folder.path, badFiles: policy)
      }
      #expect(error?.message.contains("the file is empty") == true, "\(policy)")
      #expect(error?.message.contains("--bad-files skip") == false, "\(policy)")
    }
  }

  /// The table of files that users have: each is named with its reason, and the rest is read.
  @Test func badFilesAreNamedOrLeftOut() throws {
    let folder = try Scratch()
    let whole = try jpeg.get()
    var wide = try png.get()
    // 40,000 pixels a row; the header's checksum is mended below.
    wide.replaceSubrange(16..<20, with: [0, 0, 0x9C, 0x40])
    let sum = crc32(wide[12..<29])
    wide.replaceSubrange(
      29..<33, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) })
    var wideJPEG = try Pictures.bytes("grey.jpg")
    let frame = try #require(
      wideJPEG.indices.dropLast(9).first { wideJPEG[$0] == 0xFF && wideJPEG[$0 + 1] == 0xC0 })
    wideJPEG.replaceSubrange((frame + 7)..<(frame + 9), with: [0x9C, 0x40])
    // All is there, but the checksum of the pixels no longer fits them.
    var spoilt = try png.get()
    spoilt[spoilt.count / 2] ^= 0xFF
    let table: [(String, [UInt8], String, Bool)] = [
      ("empty.jpg", [], "empty", true),
      ("text.jpg", Array("this is text".utf8), "neither a JPEG nor a PNG", true),
      ("gif.png", Array("GIF89a........".utf8), "GIF", true),
      ("web.jpg", Array("RIFF\0\0\0\0WEBPVP8 ".utf8), "WebP", true),
      ("phone.heic", Array("\0\0\0\u{18}ftypheic\0\0\0\0".utf8), "HEIC", true),
      ("wide.png", wide, "40000×21", true), ("wide.jpg", wideJPEG, "40000×48", true),
      ("header.jpg", Array(whole.prefix(40)), "ends before its image", true),
      ("cut.jpg", Array(whole.dropLast(200)), "cut off", true),
      ("cut.png", Array(try png.get().dropLast(300)), "damaged", true),
      ("spoilt.png", spoilt, "damaged", false),
    ]
    for index in 0..<3 { try folder.write("a/\(index).jpg", whole) }
    for (name, bytes, _, _) in table { try folder.write("a/\(name)", bytes) }
    let refused = #expect(throws: DataError.self) { try ImageFolder(folder.path) }
    let early = table.filter(\.3).count
    #expect(refused?.message.contains("\(early) of \(table.count + 3) files") == true)
    #expect(refused?.message.contains("--bad-files skip") == true)

    let data = try ImageFolder(folder.path, badFiles: .skip, threads: 3)
    #expect(data.count == 3)
    #expect(data.badFiles.count == table.count)
    for (name, _, reason, _) in table {
      let found = data.badFiles.first { $0.name.hasSuffix("/\(name)") }
      #expect(found?.reason.contains(reason) == true, "\(name): \(found?.reason ?? "not named")")
    }
    #expect(data.warnings.contains { $0.contains("\(table.count) files cannot be read") })
    for index in 0..<data.count { _ = try data.image(at: index) }
  }

  /// Damage beyond the header is an error of the image that has it.
  @Test func laterDamageIsNamedWhenDecoded() throws {
    let folder = try Scratch()
    try folder.write("a/1.jpg", jpeg.get())
    // Its end is there, but not what was before it.
    try folder.write("a/2.jpg", Array(try jpeg.get().dropLast(200)) + [0xFF, 0xD9])
    let data = try ImageFolder(folder.path)
    #expect(data.count == 2)
    let error = #expect(throws: DataError.self) { try data.image(at: 1) }
    #expect(error?.code == .truncated || error?.code == .malformed)
    #expect(error?.location.path == "\(folder.path)/a/2.jpg")
  }

  @Test func unreadableFilesAndFoldersAreNamed() throws {
    // Root may read everything.
    guard getuid() != 0 else { return }
    let folder = try Scratch()
    try folder.write("a/1.jpg", jpeg.get())
    let closed = try folder.write("a/2.jpg", jpeg.get())
    try folder.write("a/locked/1.jpg", jpeg.get())
    chmod(closed, 0)
    chmod("\(folder.path)/a/locked", 0)
    defer { chmod("\(folder.path)/a/locked", 0o700) }
    let data = try ImageFolder(folder.path, badFiles: .skip)
    #expect(data.count == 1)
    #expect(data.badFiles.count == 2)
    #expect(data.badFiles.allSatisfy { $0.reason.contains("Permission denied") })
  }

  @Test func refusesFoldersWithoutClassesOrImages() throws {
    let folder = try Scratch()
    #expect(throws: DataError.self) { try ImageFolder("\(folder.path)/none") }
    try folder.write("1.jpg", jpeg.get())
    let flat = #expect(throws: DataError.self) { try ImageFolder(folder.path) }
    #expect(flat?.message.contains("FOLDER/CLASS/IMAGE") == true)
    try folder.write("a/notes.txt", [1, 2, 3])
    #expect(throws: DataError.self) { try ImageFolder(folder.path) }
  }

  @Test func statisticsAreThoseOfThePixels() throws {
    let folder = try Scratch()
    let dark = try Image(width: 4, height: 2, color: [0, 51, 255]).png()
    let grey = try Image(width: 2, height: 4, color: [255]).png()
    try folder.write("a/1.png", dark)
    try folder.write("b/1.png", grey)
    try folder.write("b/2.png", grey)
    for threads in [1, 4] {
      let found = ImageStatistics(
        try ImageFolder(folder.path), findsDuplicates: true, threads: threads)
      #expect(found.count == 3 && found.classCounts == [1, 2] && found.channels == 3)
      #expect([found.width.min, found.width.median, found.width.max] == [2, 2, 4])
      let expected = [2.0 / 3, 11.0 / 15, 1]
      #expect(zip(found.mean, expected).allSatisfy { abs($0 - $1) < 1e-9 })
      #expect(abs(found.std[0] - 2.0.squareRoot() / 3) < 1e-9 && found.std[2] < 1e-9)
      #expect(found.duplicates == [[1, 2]])
    }
  }
}
