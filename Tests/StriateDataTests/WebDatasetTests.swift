import StriateCore
import StriateData
import StriateTestSupport
import Testing

@Suite struct WebDatasetTests {
  private let jpeg = Result { try Pictures.bytes("ycc-420.jpg") }
  private let png = Result { try Pictures.bytes("rgb.png") }

  private func sample(_ key: String, _ label: String) throws -> [UInt8] {
    try tar("\(key).jpg", jpeg.get()) + tar("\(key).cls", Array(label.utf8))
      + tar("\(key).json", Array("{}".utf8))
  }

  @Test func readsSamplesOfManyArchives() throws {
    let folder = try Scratch()
    try folder.write("s-000.tar", sample("a/0", "3") + sample("a/1", "1\n") + tarEnd)
    try folder.write("s-001.tar", tar("x.cls", [0x30]) + tar("x.PNG", png.get()) + tarEnd)
    for pattern in ["s-{000..001}.tar", "s-*.tar", "s-00{0,1}.tar", "s-00?.tar"] {
      let data = try WebDataset("\(folder.path)/\(pattern)")
      #expect(try (0..<data.count).map { try data.label(at: $0) } == [3, 1, 0])
      #expect(data.classNames == ["0", "1", "2", "3"])
      #expect(data.name(at: 1) == "\(folder.path)/s-000.tar: a/1.jpg")
      #expect(try data.image(at: 2).pixels == Image(png: png.get()).pixels)
      #expect(try data.image(at: 0).pixels == Image(jpeg: jpeg.get()).pixels)
      #expect(throws: DataError.self) { try data.image(at: 3) }
    }
    try folder.write("classes.txt", Array("ant\nbee\ncow\r\ndog\n".utf8))
    let named = try DataSource.parse("webdataset:\(folder.path)/s-000.tar#\(folder.path)/s-001.tar")
      .images()
    #expect(named.train.classNames == ["ant", "bee", "cow", "dog"])
    #expect(named.test?.count == 1)
  }

  /// Names of more than 100 bytes: ustar's prefix, a pax header, GNU tar's own.
  @Test func readsLongNames() throws {
    let folder = try Scratch()
    let long = String(repeating: "long/", count: 40) + "0"
    func record(_ text: String) -> [UInt8] {
      var count = text.utf8.count + 3
      while "\(count)".utf8.count + text.utf8.count + 2 != count { count += 1 }
      return Array("\(count) \(text)\n".utf8)
    }
    func pax(_ name: String) -> [UInt8] {
      tar("h", record("comment=é") + record("path=\(name)"), kind: "x")
    }
    func gnu(_ name: String) -> [UInt8] { tar("././@LongLink", Array(name.utf8) + [0], kind: "L") }
    let archives: [[UInt8]] = try [
      pax("\(long).jpg") + tar("cut", jpeg.get()) + pax("\(long).cls") + tar("cut", [0x32]),
      gnu("\(long).jpg") + tar("cut", jpeg.get()) + gnu("\(long).cls") + tar("cut", [0x32]),
    ]
    for bytes in archives {
      let data = try WebDataset(folder.write("a.tar", tar("g", [], kind: "g") + bytes + tarEnd))
      #expect(data.count == 1)
      #expect(try data.label(at: 0) == 2)
      #expect(data.name(at: 0).hasSuffix("\(long).jpg"))
    }
  }

  @Test func badSamplesAreNamedOrLeftOut() throws {
    let folder = try Scratch()
    let bytes =
      try sample("good", "0") + tar("nolabel.jpg", jpeg.get()) + tar("noimage.cls", [0x30])
      + sample("word", "cat") + sample("minus", "-1")
      + tar("cut.jpg", Array(jpeg.get().dropLast(300))) + tar("cut.cls", [0x30]) + tarEnd
    let path = try folder.write("a.tar", bytes)
    let error = #expect(throws: DataError.self) { try WebDataset(path) }
    #expect(error?.message.contains("nolabel.jpg") == true)
    let data = try WebDataset(path, badFiles: .skip)
    #expect(data.count == 1)
    #expect(data.badFiles.count == 5)
    #expect(data.warnings.count == 1)
    // An archive that is cut off keeps what was whole.
    let cut = try folder.write("b.tar", Array((sample("0", "0") + sample("1", "0")).dropLast(1700)))
    #expect(throws: DataError.self) { try WebDataset(cut) }
    let rest = try WebDataset(cut, badFiles: .skip)
    #expect(rest.count == 1 && rest.badFiles.contains { $0.reason.contains("cut off") })
  }

  private func cls(_ key: String, _ text: String) -> [UInt8] { tar(key, Array(text.utf8)) }

  @Test("of several images and classes .jpg and .cls come first, and others can be chosen")
  func severalFiles() throws {
    let folder = try Scratch()
    let files =
      try tar("0.mask.png", png.get()) + tar("0.jpg", jpeg.get()) + cls("0.coarse.cls", "7")
      + cls("0.cls", "1")
    let path = try folder.write("a.tar", files + tarEnd)
    let data = try WebDataset(path)
    #expect(data.count == 1 && data.name(at: 0).hasSuffix(": 0.jpg"))
    #expect(try data.label(at: 0) == 1)
    let chosen = try DataSource.parse("webdataset(image=mask.png,label=coarse.cls):\(path)")
    #expect(chosen.description == "webdataset(image=mask.png,label=coarse.cls):\(path)")
    let other = try chosen.images().train
    #expect(other.name(at: 0).hasSuffix(": 0.mask.png"))
    #expect(try other.label(at: 0) == 7)
    let missing = #expect(throws: DataError.self) {
      try WebDataset(path, keys: WebDatasetKeys(image: "depth.png"))
    }
    #expect(missing?.message.contains(".depth.png") == true)
    for text in ["webdataset(image):x.tar", "webdataset(mask=a):x.tar", "webdataset(image=):x.tar"]
    {
      #expect(throws: DataError.self) { try DataSource.parse(text) }
    }
  }

  @Test("a file without an ending and metadata split no sample; hidden files are none")
  func whatSplitsNoSample() throws {
    let folder = try Scratch()
    let files =
      try tar("0.jpg", jpeg.get()) + tar("README", [1]) + tar("__info__", [2]) + tar("._0.jpg", [3])
      + tar("__meta__/x.json", [4]) + cls("0.cls", " 2\n") + tar("__b.jpg", jpeg.get())
      + cls("__b.cls", "0")
    let data = try WebDataset(folder.write("a.tar", files + tarEnd))
    #expect(data.count == 2)
    #expect(data.warnings.first?.contains("1 class of 3 without samples: 1;") == true)
    #expect(data.warnings.last?.contains("1 hidden file passed over") == true)
    #expect(try data.label(at: 0) == 2 && data.name(at: 1).hasSuffix("__b.jpg"))
  }

  @Test("names are bytes: Unicode's two spellings, Latin-1, a point before a combining mark")
  func namesAreBytes() throws {
    let folder = try Scratch()
    func record(_ name: [UInt8], _ content: [UInt8]) -> [UInt8] {
      let rest = Array(" path=".utf8) + name + [0x0A]
      let header: [UInt8] = Array("\(rest.count + 2)".utf8) + rest
      return tar("h", header, kind: "x") + tar("cut", content)
    }
    var files: [UInt8] = []
    let keys: [[UInt8]] = [
      Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8), [0x63, 0xE8], [0x63, 0xE9],
      Array("long name".utf8),
    ]
    for (label, key) in keys.enumerated() {
      files += try record(key + Array(".jpg".utf8), jpeg.get())
      files += record(key + Array(".cls".utf8), Array("\(label)".utf8))
    }
    files += try record(Array("p.\u{301}x.jpg".utf8), jpeg.get())
    files += record(Array("p.cls".utf8), Array("1".utf8))
    let data = try WebDataset(folder.write("a.tar", files + tarEnd))
    #expect(try (0..<data.count).map { try data.label(at: $0) } == [0, 1, 2, 3, 4, 1])
  }

  @Test("macOS's files beside each file split no sample and are counted")
  func hiddenFilesInFolders() throws {
    let folder = try Scratch()
    let files =
      try tar("a/._0.jpg", [1]) + tar("a/0.jpg", jpeg.get()) + tar("a/._0.cls", [1])
      + cls("a/0.cls", "0")
    let data = try WebDataset(folder.write("a.tar", files + tarEnd))
    #expect(data.count == 1 && data.warnings.count == 1)
    #expect(data.warnings.first?.contains("2 hidden files passed over") == true)
  }

  @Test(
    "one label far beyond the others is refused, with the way to say how many classes there are")
  func farLabel() throws {
    let folder = try Scratch()
    let path = try folder.write("a.tar", sample("0", "0") + sample("1", "1999") + tarEnd)
    let error = #expect(throws: DataError.self) { try WebDataset(path) }
    #expect(error?.message.contains("only 2 classes of that many have a sample") == true)
    try folder.write("classes.txt", Array((0..<2000).map { "c\($0)\n" }.joined().utf8))
    #expect(try WebDataset(path).classNames.count == 2000)
  }

  @Test("samples that are no samples are refused by name, or left out and counted")
  func noSamples() throws {
    let folder = try Scratch()
    let good = try sample("good", "0")
    for (what, bytes, words) in [
      (
        "doubled", try tar("0.jpg", jpeg.get()) + tar("0.JPG", jpeg.get()) + cls("0.cls", "0"),
        "two files named .jpg"
      ),
      (
        "points in names",
        try tar("cam.01.jpg", jpeg.get()) + cls("cam.01.cls", "0") + tar("cam.02.jpg", jpeg.get())
          + cls("cam.02.cls", "1"), "whose key ends at the first point"
      ),
      ("two numbers", try tar("0.jpg", jpeg.get()) + cls("0.cls", "1 2"), "'1 2'"),
      ("a number of another kind", try tar("0.jpg", jpeg.get()) + cls("0.cls", "1.0"), "'1.0'"),
    ] {
      let path = try folder.write("a.tar", good + bytes + tarEnd)
      let error = #expect(throws: DataError.self, "\(what)") { try WebDataset(path) }
      #expect(error?.message.contains(words) == true, "\(what): \(error?.message ?? "")")
      let rest = try WebDataset(path, badFiles: .skip)
      #expect(rest.count == 1 && rest.badFiles.count == 1 && rest.warnings.count == 1, "\(what)")
    }
    let text = try WebDataset(folder.write("b.tar", good + tar("notes.txt", [1]) + tarEnd))
    #expect(text.count == 1 && text.warnings.first?.contains("notes.txt") == true)
  }

  @Test(arguments: [
    "{0..", "{5..1}", "{a..c}", "{0..99999999}", "{0..9}{0..9}{0..9}{0..9}{0..9}{0..9}",
    "none-*.tar",
    "none.tar", "{0000000000000000000..1}",
  ])
  func refusesPatterns(_ pattern: String) throws {
    let folder = try Scratch()
    #expect(throws: DataError.self) { try WebDataset("\(folder.path)/\(pattern)") }
  }

  @Test func refusesWhatIsNoArchive() throws {
    let folder = try Scratch()
    let gzipped = try folder.write("a.tar", gzip(tarEnd))
    let error = #expect(throws: DataError.self) { try WebDataset(gzipped) }
    #expect(error?.message.contains("unpack") == true)
    // Where nothing is left, leaving bad files out does not hide the reason.
    let skipped = #expect(throws: DataError.self) { try WebDataset(gzipped, badFiles: .skip) }
    #expect(skipped?.message.contains("unpack") == true)
    #expect(throws: DataError.self) { try WebDataset(folder.write("b.tar", tarEnd)) }
    #expect(throws: DataError.self) {
      try WebDataset(folder.write("c.tar", [UInt8](repeating: 7, count: 2048)))
    }
  }
}
