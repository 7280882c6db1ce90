import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// TIFF files of every kind that is read, written here byte by byte.
@Suite struct TIFFTests {
  typealias Writer = TIFFWriter

  static let writers: [Writer] =
    [1, 5, 8, 32946, 32773].flatMap { compression in
      [(8, 1), (8, 2), (16, 1), (16, 2), (32, 1), (32, 3)].map { bits, predictor in
        Writer(channels: 2, bits: bits, compression: compression, predictor: predictor)
      }
    }
    + [8, 16, 32].flatMap { bits in
      [
        Writer(channels: 5, bits: bits, isLittle: false),
        Writer(channels: 3, bits: bits, isPlanar: true),
        Writer(channels: 4, bits: bits, isLittle: false, compression: 5, isPlanar: true, tile: 4),
        Writer(bits: bits, compression: 8, predictor: bits == 32 ? 3 : 2, tile: 16),
        Writer(channels: 3, bits: bits, isBig: true, tile: 3),
        Writer(channels: 1, bits: bits, isLittle: false, isBig: true, rows: 5),
      ]
    }

  @Test("values are those that were written", arguments: writers)
  func values(_ writer: Writer) throws {
    let image = try DeepImage(encoded: writer.bytes())
    #expect(image.size == ImageSize(width: 7, height: 5) && image.channels == writer.channels)
    #expect(image.values == writer.values)
    #expect(image.scale == [8: 255, 16: 65535, 32: 1][writer.bits])
  }

  @Test(
    "values are those that others wrote",
    arguments: [
      (TIFFFiles.lzw, Writer(channels: 2, bits: 16)), (TIFFFiles.float, Writer(bits: 32)),
      (TIFFFiles.planar, Writer(channels: 3, bits: 16)),
    ])
  func foreign(digits: String, writer: Writer) throws {
    let numbers = digits.compactMap { $0.hexDigitValue.map(UInt8.init) }
    let bytes = stride(from: 0, to: numbers.count - 1, by: 2).map {
      numbers[$0] << 4 | numbers[$0 + 1]
    }
    #expect(try DeepImage(encoded: bytes).values == writer.values)
  }

  @Test("long runs of codes grow to 12 bits and begin anew")
  func longLZW() throws {
    var writer = Writer(width: 150, height: 130, channels: 1, bits: 16, compression: 5)
    writer.rows = 130
    #expect(try DeepImage(encoded: writer.bytes()).values == writer.values)
  }

  @Test("pages of one extent are channels; smaller ones are passed over; others are refused")
  func pages() throws {
    let page = Writer(bits: 16)
    let image = try DeepImage(encoded: page.pages([page, page, page]))
    #expect(image.channels == 3 && image.values.count == 105 && image.values[0] == image.values[2])
    let small = Writer(width: 3, height: 2, bits: 16, extra: [(254, 4, [1])])
    #expect(try DeepImage(encoded: page.pages([page, small])).channels == 1)
    let other = Writer(width: 3, height: 2, bits: 16)
    #expect(throws: DataError.self) { try DeepImage(encoded: page.pages([page, other])) }
  }

  @Test("greys with white as 0 are turned, palettes become colours, and alpha can be left out")
  func kinds() throws {
    let plain = Writer()
    let turned = try DeepImage(encoded: Writer(extra: [(262, 3, [0])]).bytes())
    #expect(turned.values == plain.values.map { 255 - $0 })
    let map = (0..<768).map { $0 * 80 }
    let palette = Writer(extra: [(262, 3, [3]), (320, 3, map)])
    let colored = try DeepImage(encoded: palette.bytes())
    #expect(colored.channels == 3 && colored.scale == 65535)
    let index = Int(plain.values[3])
    #expect(Array(colored.values[9..<12]) == [0, 256, 512].map { Float(map[index + $0]) })
    let alpha = try DeepImage(
      encoded: Writer(channels: 4, extra: [(262, 3, [2]), (338, 3, [2])]).bytes())
    #expect(alpha.hasAlpha && alpha.channels == 4)
    let colors = try alpha.with(channels: 3)
    #expect(colors.values.count == 105 && !colors.hasAlpha)
    #expect(try alpha.with(channels: 4) == alpha)
    #expect(throws: DataError.self) { try alpha.with(channels: 2) }
  }

  @Test("masks keep their numbers, indices and colours")
  func masks() throws {
    let deep = Writer(bits: 16)
    #expect(try Mask(encoded: deep.bytes()).labels == deep.values.map { Int32($0) })
    let map = (0..<768).map { $0 % 256 * 256 }
    let palette = Writer(extra: [(262, 3, [3]), (320, 3, map)])
    #expect(try Mask(encoded: palette.bytes()).labels == palette.values.map { Int32($0) })
    let objects = try Mask(encoded: deep.bytes(), coding: .instances)
    #expect(objects.labels == deep.values.map { $0 > 0 ? 1 : 0 })
    for wrong in [Writer(bits: 32), Writer(channels: 5)] {
      #expect(throws: DataError.self) { try Mask(encoded: wrong.bytes()) }
    }
    let colored = #expect(throws: DataError.self) {
      try Mask(encoded: Writer(channels: 3).bytes())
    }
    #expect(colored?.message.contains("has colours") == true)
  }

  @Test(
    "what is not read is named",
    arguments: [
      (Writer(extra: [(259, 3, [7])]), "compression 7"),
      (Writer(extra: [(258, 3, [12])]), "12 bits"),
      (Writer(bits: 16, extra: [(339, 3, [2])]), "signed"),
      (Writer(extra: [(262, 3, [6])]), "colours of kind 6"),
      (Writer(extra: [(274, 3, [6])]), "orientation 6"),
      (Writer(extra: [(317, 3, [3])]), "predictor 3"),
      (Writer(extra: [(256, 4, [0])]), "0×5"),
      (Writer(extra: [(256, 4, [32768]), (257, 4, [4096])]), "cannot hold"),
      (Writer(extra: [(256, 4, [1 << 20])]), "1048576×5"),
      (Writer(extra: [(277, 3, [60000])]), "60000 channels"),
      (Writer(extra: [(278, 4, [1])]), "pieces of pixels"),
      (Writer(tile: 4, extra: [(322, 3, [0])]), "pieces of 0×4"),
      (Writer(extra: [(279, 4, [14, 14, 1])]), "1 bytes"),
      (Writer(extra: [(273, 4, [8, 8, 1 << 30])]), "ends before its pixels"),
    ])
  func refused(_ writer: Writer, _ words: String) {
    let error = #expect(throws: DataError.self) { try DeepImage(encoded: writer.bytes()) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("values that are no numbers are refused with their place")
  func notFinite() throws {
    var bytes = Writer(bits: 32).bytes()
    // The first strip begins behind the header.
    bytes.replaceSubrange(12..<16, with: [0, 0, 0xC0, 0x7F])
    let error = #expect(throws: DataError.self) { try DeepImage(encoded: bytes) }
    #expect(
      error?.message.contains("values that are no numbers, 1 of them, such as at x 1, y 0") == true)
  }

  @Test("damaged and cut files are refused or read, and never trap", arguments: writers)
  func damage(_ writer: Writer) {
    let whole = writer.bytes()
    var stream = RandomStream(seed: 11, "tiff")
    for length in 0..<whole.count where length % 3 == 0 {
      #expect(throws: DataError.self) { try DeepImage(encoded: Array(whole.prefix(length))) }
    }
    for round in 0..<200 {
      var bytes = whole
      for _ in 0...(round % 5) {
        let draw = stream.next()
        bytes[Int(draw >> 8) % bytes.count] = UInt8(truncatingIfNeeded: draw)
      }
      _ = try? DeepImage(encoded: bytes)
      _ = try? Mask(encoded: bytes)
    }
  }
}
