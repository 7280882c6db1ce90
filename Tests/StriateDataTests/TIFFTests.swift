import StriateCore
import StriateData
import StriateTestSupport
import Testing

/// TIFF files of every kind that is read, written here byte by byte.
@Suite struct TIFFTests {
  /// How a file is written.
  struct Writer: Sendable, CustomTestStringConvertible {
    var width = 7
    var height = 5
    var channels = 1
    var bits = 8
    var isLittle = true
    var isBig = false
    var compression = 1
    var predictor = 1
    var isPlanar = false
    var tile: Int?
    var rows = 2
    var extra: [(Int, Int, [Int])] = []

    var testDescription: String {
      "\(bits) bits, \(channels) channels, compression \(compression), predictor \(predictor)"
        + "\(isLittle ? "" : ", big-endian")\(isBig ? ", BigTIFF" : "")\(isPlanar ? ", apart" : "")"
        + (tile.map { ", tiles of \($0)" } ?? "")
    }

    /// The value at a place: whole numbers, or quarters of floating-point ones.
    func value(_ x: Int, _ y: Int, _ channel: Int) -> Float {
      let number = (x * 37 + y * 101 + channel * 59) % (bits == 8 ? 256 : 65536)
      return bits == 32
        ? Float(number) / 4 - 11 : Float(number * (bits == 16 ? 211 : 1) % (1 << bits))
    }

    var values: [Float] {
      (0..<(width * height)).flatMap { place in
        (0..<channels).map { value(place % width, place / width, $0) }
      }
    }

    private func number(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittle ? bytes : bytes.reversed()
    }

    private func row(_ values: [Float], _ inside: Int) -> [UInt8] {
      switch bits {
      case 8:
        let bytes = values.map { UInt8($0) }
        return predictor == 2
          ? bytes.indices.map { $0 < inside ? bytes[$0] : bytes[$0] &- bytes[$0 - inside] } : bytes
      case 16:
        let words = values.map { UInt16($0) }
        return words.indices.flatMap { at in
          number(
            Int(predictor == 2 && at >= inside ? words[at] &- words[at - inside] : words[at]), 2)
        }
      default:
        if predictor == 3 {
          let bytes = (0..<4).flatMap { byte in
            values.map { UInt8(truncatingIfNeeded: $0.bitPattern >> UInt32(24 - 8 * byte)) }
          }
          return bytes.indices.map { $0 < inside ? bytes[$0] : bytes[$0] &- bytes[$0 - inside] }
        }
        return values.flatMap { number(Int($0.bitPattern), 4) }
      }
    }

    /// The file.
    func bytes() -> [UInt8] { pages([self]) }

    /// A file of several pages, each with the channels of one writer.
    func pages(_ pages: [Writer]) -> [UInt8] {
      var file: [UInt8] = isLittle ? [0x49, 0x49] : [0x4D, 0x4D]
      file += number(isBig ? 43 : 42, 2)
      if isBig { file += number(8, 2) + number(0, 2) }
      var link = file.count
      file += number(0, isBig ? 8 : 4)
      for page in pages {
        let (place, body) = page.page(at: file.count)
        file.replaceSubrange(link..<(link + (isBig ? 8 : 4)), with: number(place, isBig ? 8 : 4))
        file += body
        link = file.count - (isBig ? 8 : 4)
      }
      return file
    }

    private func page(at start: Int) -> (place: Int, body: [UInt8]) {
      var body: [UInt8] = []
      let (wide, high) = (tile ?? width, tile ?? rows)
      let inside = isPlanar ? 1 : channels
      var (offsets, counts): ([Int], [Int]) = ([], [])
      for plane in 0..<(isPlanar ? channels : 1) {
        for y in stride(from: 0, to: height, by: high) {
          for x in stride(from: 0, to: width, by: wide) {
            var piece: [UInt8] = []
            for row in y..<(tile == nil ? min(y + high, height) : y + high) {
              piece += self.row(
                (x..<(x + wide)).flatMap { column in
                  (0..<inside).map { value(column, row, plane + $0) }
                }, inside)
            }
            let packed = Self.packed(piece, compression)
            offsets.append(start + body.count)
            counts.append(packed.count)
            body += packed
          }
        }
      }
      var tags: [(Int, Int, [Int])] = [
        (256, 4, [width]), (257, 4, [height]),
        (258, 3, [Int](repeating: bits, count: channels)), (259, 3, [compression]),
        (262, 3, [1]), (277, 3, [channels]), (284, 3, [isPlanar ? 2 : 1]), (317, 3, [predictor]),
        (339, 3, [Int](repeating: bits == 32 ? 3 : 1, count: channels)),
      ]
      tags +=
        tile == nil
        ? [(273, 4, offsets), (278, 4, [rows]), (279, 4, counts)]
        : [(322, 3, [wide]), (323, 3, [high]), (324, 4, offsets), (325, 4, counts)]
      tags.removeAll { tag in extra.contains { $0.0 == tag.0 } }
      tags = (tags + extra).sorted { $0.0 < $1.0 }
      let room = isBig ? 8 : 4
      var entries: [UInt8] = []
      for (tag, type, numbers) in tags {
        let size = [1: 1, 3: 2, 4: 4][type] ?? 4
        let bytes = numbers.flatMap { number($0, size) }
        entries += number(tag, 2) + number(type, 2) + number(numbers.count, room)
        if bytes.count <= room {
          entries += bytes + [UInt8](repeating: 0, count: room - bytes.count)
        } else {
          entries += number(start + body.count, room)
          body += bytes
        }
      }
      let place = start + body.count
      return (place, body + number(tags.count, isBig ? 8 : 2) + entries + number(0, room))
    }

    static func packed(_ bytes: [UInt8], _ compression: Int) -> [UInt8] {
      switch compression {
      case 8, 32946: stored(bytes)
      case 32773: packBits(bytes)
      case 5: lzw(bytes)
      default: bytes
      }
    }

    /// zlib's format without any compression.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
      let count = UInt16(bytes.count)
      var result: [UInt8] = [0x78, 0x01, 1]
      for number in [count, ~count] {
        result += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
      }
      var (a, b): (UInt32, UInt32) = (1, 0)
      for byte in bytes {
        a = (a + UInt32(byte)) % 65521
        b = (b + a) % 65521
      }
      return result + bytes + [UInt8(b >> 8), UInt8(b & 255), UInt8(a >> 8), UInt8(a & 255)]
    }

    private static func packBits(_ bytes: [UInt8]) -> [UInt8] {
      var result: [UInt8] = [0x80]
      var at = 0
      while at < bytes.count {
        let run = bytes[at...].prefix(128).prefix { $0 == bytes[at] }.count
        if run > 1 {
          result += [UInt8(truncatingIfNeeded: 1 - run), bytes[at]]
          at += run
        } else {
          let part = bytes[at...].prefix(3)
          result += [UInt8(part.count - 1)] + part
          at += part.count
        }
      }
      return result
    }

    static func lzw(_ bytes: [UInt8]) -> [UInt8] {
      var result: [UInt8] = []
      var (bits, held, width) = (0, 0, 9)
      var table: [[UInt8]: Int] = [:]
      var next = 258
      func put(_ code: Int) {
        bits = bits << width | code
        held += width
        while held >= 8 {
          result.append(UInt8(truncatingIfNeeded: bits >> (held - 8)))
          held -= 8
          bits &= (1 << held) - 1
        }
      }
      func code(_ text: [UInt8]) -> Int? { text.count == 1 ? Int(text[0]) : table[text] }
      put(256)
      var text: [UInt8] = []
      for byte in bytes {
        if code(text + [byte]) != nil {
          text.append(byte)
          continue
        }
        put(code(text) ?? 0)
        table[text + [byte]] = next
        next += 1
        // The decoder is one string behind.
        if next == 4094 {
          put(256)
          (table, next, width) = ([:], 258, 9)
        } else if next > (1 << width) - 1, width < 12 {
          width += 1
        }
        text = [byte]
      }
      if !text.isEmpty { put(code(text) ?? 0) }
      put(257)
      while held > 0, held < 8 {
        bits <<= 1
        held += 1
      }
      if held == 8 { result.append(UInt8(truncatingIfNeeded: bits)) }
      return result
    }
  }

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
