import StriateCore

/// A TIFF file's pixels: 8 and 16 bits without sign and floating-point numbers of 32, strips and tiles, of either order of
/// bytes, channels next to each other or apart, uncompressed or with LZW, Deflate or PackBits, also BigTIFF.
///
/// Pages of one extent and kind are channels of one image, as programs for microscopes write them; smaller versions of
/// pages are passed over.
struct TIFFImage: Sendable {
  private let pages: [TIFFPage]

  /// Looks at all pages; nothing is decoded or allocated yet.
  ///
  /// - Throws: `DataError` naming what is damaged or not read.
  init(_ bytes: [UInt8]) throws(DataError) {
    let file = try TIFFBytes(bytes)
    var pages: [TIFFPage] = []
    var seen: Set<Int> = []
    var place = file.first
    while let at = place, at != 0 {
      guard seen.insert(at).inserted, seen.count <= DeepImage.channelLimit else {
        throw DataError(
          .malformed, "the TIFF file is damaged: its pages have no end", offset: at)
      }
      let tags = try TIFFDirectory(file, at: at)
      if !tags.isAside || pages.isEmpty { pages.append(try TIFFPage(file, tags)) }
      place = tags.next
    }
    guard let first = pages.first else {
      throw DataError(.truncated, "the TIFF file holds no image")
    }
    for page in pages.dropFirst() {
      guard page.width == first.width, page.height == first.height, page.bits == first.bits,
        page.isFloat == first.isFloat, page.photometric <= 1, first.photometric <= 1,
        page.photometric == first.photometric
      else {
        throw DataError(
          .unsupported,
          "the TIFF file has \(pages.count) pages that are no channels of one image; save each as a file"
        )
      }
    }
    self.pages = pages
    try DeepImage.check(width: first.width, height: first.height, channels: channels)
  }

  /// The extent.
  var size: ImageSize { ImageSize(width: pages[0].width, height: pages[0].height) }
  /// Values a pixel, those of all pages.
  var channels: Int { pages.reduce(0) { $0 + $1.channels } }
  /// Whether values are floating-point numbers.
  var isFloat: Bool { pages[0].isFloat }
  /// Bits a value.
  var bits: Int { pages[0].bits }
  /// Whether values are indices of a palette.
  var isPalette: Bool { pages[0].photometric == 3 }
  /// Whether all channels are those of one page.
  var isOnePage: Bool { pages.count == 1 }
  /// The colours that indices name, 8 bits each; empty of what has none.
  var palette: [RGB] {
    let numbers = pages[0].colorMap
    let count = numbers.count / 3
    func byte(_ at: Int) -> UInt8 { UInt8(truncatingIfNeeded: numbers[at] >> 8) }
    return (0..<count).map { RGB(byte($0), byte(count + $0), byte(2 * count + $0)) }
  }

  /// The values as they stand in the file, those of a pixel next to each other.
  ///
  /// - Throws: `DataError` where the pixels are damaged or cut off.
  func values() throws(DataError) -> [Float] {
    let all = channels
    var values = [Float](repeating: 0, count: size.width * size.height * all)
    var first = 0
    for page in pages {
      try page.read(into: &values, from: first, apart: all)
      first += page.channels
    }
    return values
  }

  /// The image: palettes as the colours that they name, greys with white as 0 turned.
  ///
  /// - Throws: `DataError` where the pixels are damaged, or a value is not finite.
  func image() throws(DataError) -> DeepImage {
    var values = try values()
    let page = pages[0]
    let greatest: Float = page.isFloat ? 1 : page.bits == 8 ? 255 : 65535
    if page.photometric == 3 {
      let count = page.colorMap.count / 3
      let colors = values.flatMap { index in
        (0..<3).map { Float(page.colorMap[$0 * count + Int(index)]) }
      }
      return try DeepImage(
        width: size.width, height: size.height, channels: 3, values: colors, scale: 65535)
    }
    if page.photometric == 0 { for at in values.indices { values[at] = greatest - values[at] } }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      let place = bad / channels
      throw DataError(
        .malformed,
        "the image has values that are no numbers, \(values.count { !$0.isFinite }) of them, such as at x "
          + "\(place % size.width), y \(place / size.width); give them one, such as 0")
    }
    return try DeepImage(
      width: size.width, height: size.height, channels: channels, values: values, scale: greatest,
      hasAlpha: pages.count == 1 && page.hasAlpha)
  }
}

extension DeepImage {
  /// Reads a file of any kind of image that is read at all, which is told by its content: TIFF, PNG with all of its 16 bits,
  /// JPEG.
  ///
  /// - Throws: `DataError` where it is missing, damaged, or of another kind.
  public init(file path: String) throws(DataError) {
    let bytes = try DataError.imageContents(of: path)
    do throws(DataError) { try self.init(encoded: bytes) } catch { throw error.at(path: path) }
  }

  /// Reads the bytes of such a file.
  ///
  /// - Throws: `DataError` as from a file.
  public init(encoded bytes: [UInt8]) throws(DataError) {
    switch ImageFormat.detect(bytes) {
    case .tiff: self = try TIFFImage(bytes).image()
    case .png where Self.isDeepPNG(bytes):
      let file = try PNGSamples(bytes)
      try self.init(
        width: file.width, height: file.height, channels: file.color.values,
        values: file.samples.map(Float.init), scale: 65535,
        hasAlpha: file.color == .greyAlpha || file.color == .rgbAlpha)
    default: self.init(try Image(encoded: bytes))
    }
  }

  /// Whether a file's first bytes tell that `Image` would not hold all that it has.
  static func isDeep(_ bytes: some Collection<UInt8>) -> Bool {
    let head = Array(bytes.prefix(32))
    return ImageFormat.detect(head) == .tiff || isDeepPNG(head)
  }

  /// Whether `Image` would not hold all that a file has.
  ///
  /// - Throws: `DataError` where it cannot be read.
  package static func isDeep(file path: String) throws(DataError) -> Bool {
    let file: InputFile
    do throws(SystemFailure) { file = try InputFile(path) } catch { throw .unreadable(path, error) }
    return isDeep(try DataError.imageBytes(of: file, at: 0, count: min(file.count, 32)))
  }

  private static func isDeepPNG(_ bytes: [UInt8]) -> Bool {
    ImageFormat.detect(bytes) == .png && bytes.count > 24 && bytes[24] == 16
  }
}
