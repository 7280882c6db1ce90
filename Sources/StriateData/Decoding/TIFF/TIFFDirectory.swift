import StriateCore

/// The bytes of a TIFF file, read in its order and never beyond their end.
struct TIFFBytes: Sendable {
  let bytes: [UInt8]
  let isLittle: Bool
  /// Whether places have eight bytes, as in BigTIFF.
  let isBig: Bool

  /// - Throws: `DataError` where the bytes are no TIFF file's.
  init(_ bytes: [UInt8]) throws(DataError) {
    self.bytes = bytes
    guard ImageFormat.detect(bytes) == .tiff, bytes.count >= 8 else {
      throw DataError(.malformed, "this is not a TIFF file", offset: 0)
    }
    isLittle = bytes[0] == UInt8(ascii: "I")
    isBig = bytes[isLittle ? 2 : 3] == 43
  }

  /// The whole number of so many bytes at a place; nil beyond the end, or where it is none that fits.
  func number(_ at: Int, _ count: Int) -> Int? {
    guard at >= 0, count > 0, count <= 8, at <= bytes.count - count else { return nil }
    let part = bytes[at..<(at + count)]
    let value =
      isLittle
      ? part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      : part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }

  /// The place of the first directory.
  var first: Int? { isBig ? number(8, 8) : number(4, 4) }
}

/// What a page of a TIFF file says of itself (TIFF 6.0, sections 2 and 8; BigTIFF).
struct TIFFDirectory: Sendable {
  /// The tags that are read.
  enum Tag: Int, Sendable, CaseIterable {
    case kind = 254
    case width = 256
    case height = 257
    case bits = 258
    case compression = 259
    case photometric = 262
    case fillOrder = 266
    case stripOffsets = 273
    case orientation = 274
    case channels = 277
    case rowsPerStrip = 278
    case stripCounts = 279
    case planar = 284
    case predictor = 317
    case colorMap = 320
    case tileWidth = 322
    case tileHeight = 323
    case tileOffsets = 324
    case tileCounts = 325
    case extraSamples = 338
    case sampleFormat = 339
  }

  /// The numbers of the tags that are there.
  let tags: [Tag: [Int]]
  /// The place of the next page; nil behind the last.
  let next: Int?

  /// Numbers that the tags of a page may have together.
  private static let numberLimit = 1 << 22

  /// Reads the page at a place.
  ///
  /// - Throws: `DataError` where it lies beyond the file's end.
  init(_ file: TIFFBytes, at place: Int) throws(DataError) {
    let (head, size) = file.isBig ? (8, 20) : (2, 12)
    guard let count = file.number(place, head), count > 0, count <= 4096,
      place + head <= file.bytes.count - count * size
    else {
      throw DataError(.malformed, "the TIFF file is damaged: it has no page there", offset: place)
    }
    var tags: [Tag: [Int]] = [:]
    var total = 0
    for entry in 0..<count {
      let at = place + head + entry * size
      guard let tag = file.number(at, 2).flatMap(Tag.init(rawValue:)) else { continue }
      guard let type = file.number(at + 2, 2), let bytes = Self.bytes(type),
        let values = file.number(at + 4, file.isBig ? 8 : 4), values <= Self.numberLimit - total
      else {
        throw DataError(
          .malformed, "the TIFF file is damaged: the tag \(tag.rawValue) has no whole numbers",
          offset: at)
      }
      total += values
      let room = file.isBig ? 8 : 4
      let inside = at + size - room
      let start = values * bytes <= room ? inside : file.number(inside, room) ?? -1
      guard start >= 0, start <= file.bytes.count - values * bytes else {
        throw DataError(
          .truncated, "the TIFF file ends before the numbers of the tag \(tag.rawValue)",
          offset: at)
      }
      var numbers: [Int] = []
      numbers.reserveCapacity(values)
      for index in 0..<values {
        guard let number = file.number(start + index * bytes, bytes) else {
          throw DataError(
            .malformed, "the TIFF file is damaged: a number of the tag \(tag.rawValue)",
            offset: at)
        }
        numbers.append(number)
      }
      tags[tag] = numbers
    }
    self.tags = tags
    guard let behind = file.number(place + head + count * size, file.isBig ? 8 : 4) else {
      throw DataError(.truncated, "the TIFF file ends in its page's tags", offset: place)
    }
    next = behind == 0 ? nil : behind
  }

  /// The first number of a tag, or what stands for it where it is missing.
  subscript(_ tag: Tag, or usual: Int) -> Int { tags[tag]?.first ?? usual }

  /// Whether the page is a smaller version of another one, or its mask.
  var isAside: Bool { self[.kind, or: 0] & 5 != 0 }

  /// The bytes of a whole number: BYTE, SHORT, LONG, LONG8, IFD8.
  private static func bytes(_ type: Int) -> Int? {
    switch type {
    case 1: 1
    case 3: 2
    case 4, 13: 4
    case 16, 18: 8
    default: nil
    }
  }
}
