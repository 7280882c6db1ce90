/// What the chunks of a PNG file say beside the pixels.
struct PNGChunks {
  /// How the image is to be turned: the chunk `eXIf`.
  var orientation = EXIFOrientation.upright
  /// Whether the chunk that ends a file is there.
  private(set) var hasEnd = false
  /// Where chunks about gamma and colour spaces are, chunk headers and checksums included.
  private var colorRanges: [Range<Int>] = []

  private static let colorTypes: Set<String> = [
    "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "mDCv", "cLLi",
  ]

  /// Walks the chunks as far as they are sound; what is not is left for libpng to complain of.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: bytes[(at + 4)..<(at + 8)], as: UTF8.self)
      let end = at + 12 + length
      guard end <= bytes.count, type != "IEND" else {
        hasEnd = end <= bytes.count
        return
      }
      if PNGChunks.colorTypes.contains(type) { colorRanges.append(at..<end) }
      if type == "eXIf" {
        orientation = EXIFOrientation(
          tiff: UnsafeBufferPointer(rebasing: bytes[(at + 8)..<(end - 4)]))
      }
      at = end
    }
  }

  /// The file without chunks about colour spaces, after which libpng would change values; nil where it
  /// has none.
  func withoutColorSpaces(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard !colorRanges.isEmpty else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    for range in colorRanges {
      result += bytes[at..<range.lowerBound]
      at = range.upperBound
    }
    return result + bytes[at...]
  }
}
