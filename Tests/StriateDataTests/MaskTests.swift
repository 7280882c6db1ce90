import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// Masks as files: numbers as they stand, colours by a table, and what is refused.
@Suite struct MaskTests {
  /// Files that Pillow 13.0.0 wrote.
  private enum File {
    static let indices8 =
      "89504e470d0a1a0a0000000d4948445200000003000000020803000000aaaa962800000033504c54450000"
      + "00800000008000000000000000000000000000000000000000000000000000000000000000000000000000"
      + "000000c8c80ac87a4ba60000001049444154789c6360606462e0676402000049001653e00fdd0000000049"
      + "454e44ae426082"
    static let indices2 =
      "89504e470d0a1a0a0000000d49484452000000050000000102030000006b908c6000000009504c5445090909"
      + "08080807070768eaf5c10000000b49444154789c63548d060000ab0082aede9d6c0000000049454e44ae4260"
      + "82"
    static let grey16 =
      "89504e470d0a1a0a0000000d4948445200000003000000021000000000e88fe5850000001649444154789c63"
      + "6060607ef1ff3f2303130323a326001a6d0318dc00a6660000000049454e44ae426082"
    static let grey8 =
      "89504e470d0a1a0a0000000d49484452000000030000000108000000003e8b4b680000000c49444154789c63"
      + "60f8cf0e0002090107d3329a4a0000000049454e44ae426082"
    static let grey1 =
      "89504e470d0a1a0a0000000d494844520000000900000001010000000024b9b9d00000000b49444154789c63"
      + "8cd0000000de0082bd4731140000000049454e44ae426082"
    static let colors =
      "89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d0000001849444154789c63"
      + "70687060606038c0d0c0c8c0c000e10000265e0342442362ab0000000049454e44ae426082"
    static let greyAsColors =
      "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000000f49444154789c63"
      + "6065656560600000005200108a0f8cf90000000049454e44ae426082"
  }

  private static let table = """
    # CamVid's, in part
    64 128 64\tAnimal
    0, 0, 0, Void stuff
    192 0 128 Archway   # the last

    """

  private static func bytes(_ digits: String) -> [UInt8] {
    let values = digits.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }

  @Test(
    "Numbers stand as they are in files of every kind",
    arguments: [
      (File.indices8, 3, [0, 1, 2, 15, 1, 2]), (File.indices2, 5, [0, 2, 1, 1, 2]),
      (File.grey16, 3, [0, 1000, 65535, 2, 3, 300]), (File.grey8, 3, [0, 255, 7]),
      (File.grey1, 9, [0, 1, 0, 1, 1, 0, 0, 0, 1]), (File.greyAsColors, 2, [5, 0]),
    ] as [(String, Int, [Int32])])
  func numbers(digits: String, width: Int, labels: [Int32]) throws {
    let mask = try Mask(encoded: Self.bytes(digits))
    #expect(mask.width == width && mask.labels == labels)
    #expect(mask[0, 0] == labels[0] && mask[width, 0] == nil && mask[0, -1] == nil)
  }

  @Test("Colours become classes by a table, of coloured files, palettes and greys")
  func colors() throws {
    let table = try ColorTable(text: Self.table)
    #expect(table.entries.map(\.name) == ["Animal", "Void stuff", "Archway"])
    let mask = try Mask(encoded: Self.bytes(File.colors), coding: .colors(table))
    #expect(mask.labels == [0, 1, 2, 1, 0, 0])
    #expect(mask.counts.map(\.label) == [0, 1, 2] && mask.counts.map(\.pixels) == [3, 2, 1])
    let numbered = try ColorTable(text: "255 0 0 0 void\n3 128 0 0 a\n4 0 128 0\n3 200 200 10 b")
    let palette = try Mask(encoded: Self.bytes(File.indices8), coding: .colors(numbered))
    #expect(palette.labels == [255, 3, 4, 255, 3, 4])
    #expect(numbered.palette[3] == RGB(128, 0, 0) && numbered.palette.count == 256)
    let greys = try ColorTable(text: "0 0 0 ground\n255 255 255 nucleus")
    let grey = try Mask(encoded: Self.bytes(File.grey1), coding: .colors(greys))
    #expect(grey.labels == [0, 1, 0, 1, 1, 0, 0, 0, 1])
  }

  @Test(
    "Tables that are none are refused with their line",
    arguments: [
      ("", "at least one line"), ("# nothing", "at least one line"), ("1 2 Animal", "line 1"),
      ("0 0 0 a\n256 0 0 b", "line 2"), ("0 0 0 a\n0 0 0 b", "(0, 0, 0) twice"),
      ("0 0 0 a\n1 2 3 4 b", "line 2"), ("-1 0 0 0 a", "class -1"), ("a b c", "line 1"),
      ("99999999999 0 0 0 x", "out of range"), ("0 0 -1 x", "line 1"),
    ])
  func badTables(text: String, words: String) {
    let error = #expect(throws: DataError.self) { try ColorTable(text: text) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("What is no mask is refused, and what it has is named")
  func refusals() throws {
    func words(_ make: () throws -> Mask) -> String {
      #expect(throws: DataError.self, performing: make)?.message ?? ""
    }
    let colored = words { try Mask(encoded: Self.bytes(File.colors)) }
    #expect(colored.contains("(64, 128, 64) at x 0, y 0") && colored.contains("table of colours"))
    let table = try ColorTable(text: "64 128 64 Animal\n190 0 128 Archway")
    let unknown = words { try Mask(encoded: Self.bytes(File.colors), coding: .colors(table)) }
    #expect(unknown.contains("(0, 0, 0) at x 1, y 0") && unknown.contains("3 pixels of 6"))
    #expect(words { try Mask(encoded: [0xFF, 0xD8, 0xFF, 0xE0]) }.contains("JPEG"))
    #expect(words { try Mask(encoded: []) }.contains("PNG"))
    let mask = try Mask(encoded: Self.bytes(File.indices8))
    let beyond = #expect(throws: DataError.self) { try mask.check(classes: 2, ignoring: 15) }
    #expect(beyond?.message.contains("class 2 at x 2, y 0, and 2 such pixels of 6") == true)
    #expect(throws: Never.self) { try mask.check(classes: 3, ignoring: 15) }
    let size = #expect(throws: DataError.self) { try mask.check(width: 2, height: 3) }
    #expect(size?.message.contains("3×2") == true && size?.message.contains("2×3") == true)
    #expect(throws: DataError.self) { try Mask(width: 2, height: 2, labels: [1]) }
    #expect(throws: DataError.self) { try Mask(width: 0, height: 2, labels: []) }
  }

  @Test("Masks are read as they were written")
  func roundTrip() throws {
    var stream = RandomStream(seed: 4, "masks")
    for (width, height, classes) in [(1, 1, 1), (7, 3, 2), (16, 9, 5), (5, 31, 16), (33, 8, 256)] {
      let labels = (0..<(width * height)).map { _ in
        Int32.random(in: 0..<Int32(classes), using: &stream)
      }
      let mask = try Mask(width: width, height: height, labels: labels)
      #expect(try Mask(encoded: mask.png()) == mask)
      #expect(try Mask(encoded: mask.png(palette: [RGB(1, 2, 3)])) == mask)
      let deep = try Mask(
        width: width, height: height, labels: labels.map { ($0 * 251 + 77) % 65536 })
      #expect(try Mask(encoded: deep.deepPNG()) == deep)
      let image = try Image(png: mask.png())
      for (place, label) in labels.enumerated() {
        let color = Mask.palette[Int(label)]
        #expect(
          image[place % width, place / width].map { Array($0) }
            == [color.red, color.green, color.blue])
      }
    }
    let large = try Mask(width: 1, height: 1, labels: [256])
    #expect(throws: DataError.self) { try large.png() }
    let negative = try Mask(width: 1, height: 1, labels: [-1])
    #expect(throws: DataError.self) { try negative.deepPNG() }
  }

  @Test("The palette is VOC's")
  func palette() {
    #expect(Mask.palette.count == 256 && Set(Mask.palette).count == 256)
    let known = [(0, 0, 0, 0), (1, 128, 0, 0), (15, 192, 128, 128), (20, 0, 64, 128)]
    for (label, red, green, blue) in known {
      #expect(Mask.palette[label] == RGB(UInt8(red), UInt8(green), UInt8(blue)))
    }
    #expect(Mask.palette[255] == RGB(224, 224, 192))
  }
}

/// The numbers of PNG files against the colours that libpng makes of them.
@Suite struct PNGSamplesTests {
  static let files =
    [
      "grey-1", "grey-2", "grey-4", "grey-8", "grey-16", "palette-1", "palette-2", "palette-4",
      "palette-8",
    ].flatMap { [$0, "\($0)-interlaced"] } + [
      "grey-alpha", "grey-alpha-16", "grey-alpha-16-interlaced", "rgb", "rgb-interlaced", "rgb-16",
      "rgb-16-interlaced", "rgba", "rgba-interlaced", "rgba-16", "rgba-16-interlaced",
      "rgb-transparent", "palette-transparent", "one-pixel", "orientation-6", "rgb-gamma",
    ]

  @Test("Colours are those of the decoder", arguments: files)
  func colors(_ name: String) throws {
    let bytes = try Pictures.bytes("\(name).png")
    let samples = try PNGSamples(bytes)
    let image = try Image(png: bytes, decoding: ImageDecoding(orients: false))
    #expect(samples.width == image.width && samples.height == image.height)
    #expect(samples.samples.count == image.width * image.height * samples.color.values)
    let found = (0..<(image.width * image.height)).flatMap { place -> [UInt8] in
      let color = samples.color(at: place)
      return image.channels == 1 ? [color.red] : [color.red, color.green, color.blue]
    }
    #expect(found == image.pixels)
  }

  @Test("Interlaced files hold the numbers of plain ones", arguments: ["grey", "palette"])
  func interlaced(_ kind: String) throws {
    for bits in [1, 2, 4, 8] {
      let plain = try PNGSamples(Pictures.bytes("\(kind)-\(bits).png"))
      let interlaced = try PNGSamples(Pictures.bytes("\(kind)-\(bits)-interlaced.png"))
      #expect(plain.bits == bits && plain.samples == interlaced.samples)
      #expect(plain.samples.allSatisfy { $0 < 1 << bits })
    }
  }

  @Test("Damaged files are refused or read, and never trap", arguments: files)
  func damage(_ name: String) throws {
    let whole = try Pictures.bytes("\(name).png")
    var stream = RandomStream(seed: 5, "samples")
    for length in stride(from: 0, to: whole.count - 3, by: max(whole.count / 20, 1)) {
      #expect(throws: DataError.self) { try PNGSamples(Array(whole.prefix(length))) }
    }
    for round in 0..<40 {
      var bytes = whole
      for _ in 0...(round % 4) {
        let draw = stream.next()
        bytes[round < 20 ? Int(draw >> 8) % 64 : Int(draw >> 8) % bytes.count] ^=
          1 << UInt8(draw & 7)
      }
      if let found = try? PNGSamples(bytes) {
        #expect(found.samples.count == found.width * found.height * found.color.values)
      }
    }
  }
}
