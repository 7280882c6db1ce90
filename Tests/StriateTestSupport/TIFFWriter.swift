/// Writes TIFF files byte by byte, of every kind that is read.
public struct TIFFWriter: Sendable, CustomStringConvertible {
  public var width: Int
  public var height: Int
  public var channels: Int
  public var bits: Int
  public var isLittle: Bool
  public var isBig: Bool
  public var compression: Int
  public var predictor: Int
  public var isPlanar: Bool
  public var tile: Int?
  public var rows: Int
  public var extra: [(Int, Int, [Int])]

  /// A file of small extents; `extra` tags (number, type, numbers) stand in the place of its own.
  public init(
    width: Int = 7, height: Int = 5, channels: Int = 1, bits: Int = 8, isLittle: Bool = true,
    isBig: Bool = false, compression: Int = 1, predictor: Int = 1, isPlanar: Bool = false,
    tile: Int? = nil, rows: Int = 2, extra: [(Int, Int, [Int])] = []
  ) {
    (self.width, self.height, self.channels, self.bits) = (width, height, channels, bits)
    (self.isLittle, self.isBig, self.compression) = (isLittle, isBig, compression)
    (self.predictor, self.isPlanar, self.tile) = (predictor, isPlanar, tile)
    (self.rows, self.extra) = (rows, extra)
  }

  public var description: String {
    "\(bits) bits, \(channels) channels, compression \(compression), predictor \(predictor)"
      + "\(isLittle ? "" : ", big-endian")\(isBig ? ", BigTIFF" : "")\(isPlanar ? ", apart" : "")"
      + (tile.map { ", tiles of \($0)" } ?? "")
  }

  /// The value at a place: whole numbers, or quarters of floating-point ones.
  public func value(_ x: Int, _ y: Int, _ channel: Int) -> Float {
    let number = (x * 37 + y * 101 + channel * 59) % (bits == 8 ? 256 : 65536)
    return bits == 32
      ? Float(number) / 4 - 11 : Float(number * (bits == 16 ? 211 : 1) % (1 << bits))
  }

  /// All values, those of a pixel next to each other.
  public var values: [Float] {
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
  public func bytes() -> [UInt8] { pages([self]) }

  /// A file of several pages, each with the channels of one writer.
  public func pages(_ pages: [TIFFWriter]) -> [UInt8] {
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
