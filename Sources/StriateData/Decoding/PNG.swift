import CCodecs
import StriateCore

extension Image {
  /// Decodes a PNG file: grey stays grey, anything coloured becomes three channels, alpha is left out.
  ///
  /// - Throws: `DataError` where it is missing, damaged, or libpng is not there.
  public init(pngFile path: String) throws(DataError) {
    let bytes = try DataError.imageContents(of: path)
    do throws(DataError) { try self.init(png: bytes) } catch { throw error.at(path: path) }
  }

  /// Decodes the bytes of a PNG file of any kind: palettes, 1 to 16 bits, interlaced.
  ///
  /// Grey stays grey, anything coloured becomes three channels. Alpha is left out, the colours beneath
  /// staying as they are, or blended over `decoding.background`. 16 bits are scaled to 8 with rounding.
  /// Values are those in the file: gamma and colour profiles change nothing, as in Pillow.
  ///
  /// - Throws: `DataError` where they are damaged, or libpng is not there.
  public init(png bytes: [UInt8], decoding: ImageDecoding = ImageDecoding()) throws(DataError) {
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw DataError(.malformed, "this is not a PNG file", offset: 0)
    }
    try CodecLibrary.libpng.require()
    var failure: DataError?
    var decoded: Image?
    bytes.withUnsafeBufferPointer { source in
      do throws(DataError) { decoded = try decodePNG(source, decoding) } catch { failure = error }
    }
    if let failure { throw failure }
    guard let decoded else { throw DataError(.malformed, "the PNG file holds no image") }
    self = decoded
  }

  /// The bytes of this image as a PNG file.
  ///
  /// - Throws: `DataError` where libpng is not there.
  public func png() throws(DataError) -> [UInt8] {
    try CodecLibrary.libpng.require()
    var header = codecs_png_image()
    header.version = UInt32(CODECS_PNG_VERSION.rawStatus)
    header.width = UInt32(width)
    header.height = UInt32(height)
    header.format = channels == 3 ? pngColor : 0
    var needed = 0
    guard codecs_png_write(&header, nil, &needed, pixels) != 0 else { throw pngFault(&header) }
    var bytes = [UInt8](repeating: 0, count: needed)
    guard codecs_png_write(&header, &bytes, &needed, pixels) != 0 else { throw pngFault(&header) }
    return Array(bytes.prefix(needed))
  }
}

private let pngAlpha = UInt32(CODECS_PNG_FORMAT_ALPHA.rawStatus)
private let pngColor = UInt32(CODECS_PNG_FORMAT_COLOR.rawStatus)

private func decodePNG(
  _ source: UnsafeBufferPointer<UInt8>, _ decoding: ImageDecoding
) throws(DataError) -> Image {
  let chunks = PNGChunks(source)
  let image: Image
  if let plain = chunks.withoutColorSpaces(source) {
    var failure: DataError?
    var decoded: Image?
    plain.withUnsafeBufferPointer { plain in
      do throws(DataError) { decoded = try pixels(of: plain, decoding) } catch { failure = error }
    }
    if let failure { throw failure }
    guard let decoded else { throw DataError(.malformed, "the PNG file holds no image") }
    image = decoded
  } else {
    image = try pixels(of: source, decoding)
  }
  guard chunks.hasEnd || decoding.damage == .accept else {
    throw DataError(.truncated, "the PNG file is cut off after \(source.count) bytes")
  }
  return decoding.orients ? image.oriented(chunks.orientation) : image
}

private func pixels(
  of source: UnsafeBufferPointer<UInt8>, _ decoding: ImageDecoding
) throws(DataError) -> Image {
  var header = codecs_png_image()
  header.version = UInt32(CODECS_PNG_VERSION.rawStatus)
  guard codecs_png_begin(&header, source.baseAddress, source.count) != 0 else {
    throw pngFault(&header)
  }
  defer { codecs_png_free(&header) }
  let width = Int(header.width)
  let height = Int(header.height)
  try Image.checkDecoded(width: width, height: height)
  // A row takes at least a byte and a bit a pixel, and deflate never expands by more than 1032.
  guard height * (1 + width / 8) / 1032 <= source.count else {
    throw DataError(
      .truncated, "the PNG file of \(source.count) bytes cannot hold \(width)×\(height) pixels")
  }
  if source.count > 33, source[24] == 16, source[28] == 1 {
    // libpng's simplified interface mixes the rows of interlaced files of 16 bits up when it makes 8 bits of them
    // (1.6.39; the goldens named `-16-interlaced` show it).
    let samples = try PNGSamples(source, requiresEnd: false)
    let (pixels, channels, hasAlpha) = samples.bytes
    return Image(
      unchecked: width, height, channels,
      hasAlpha ? withoutAlpha(pixels, width * height, channels + 1, decoding.background) : pixels)
  }
  // Alpha is read and then left out or blended here; libpng would blend in linear light.
  let isColored = header.format & pngColor != 0
  let hasAlpha = header.format & pngAlpha != 0
  let channels = isColored ? 3 : 1
  let values = channels + (hasAlpha ? 1 : 0)
  header.format = (isColored ? pngColor : 0) | (hasAlpha ? pngAlpha : 0)
  header.flags |= UInt32(CODECS_PNG_FLAG_16BIT_SRGB.rawStatus)
  let count = width * height
  var isComplete = false
  var pixels = [UInt8](unsafeUninitializedCapacity: count * values) { buffer, filled in
    isComplete = codecs_png_finish(&header, buffer.baseAddress) != 0
    filled = count * values
  }
  guard isComplete else { throw pngFault(&header) }
  if hasAlpha { pixels = withoutAlpha(pixels, count, values, decoding.background) }
  return Image(unchecked: width, height, channels, pixels)
}

private func withoutAlpha(
  _ pixels: [UInt8], _ count: Int, _ values: Int, _ background: ImageDecoding.Background?
) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count * (values - 1)) { buffer, filled in
    if let background {
      let color =
        values == 2 ? [background.grey] : [background.red, background.green, background.blue]
      codecs_blend_alpha(pixels, buffer.baseAddress, count, values, color)
    } else {
      codecs_drop_alpha(pixels, buffer.baseAddress, count, values)
    }
    filled = count * (values - 1)
  }
}

/// The error of libpng's last failure.
func pngFault(_ header: inout codecs_png_image) -> DataError {
  let reason = String(cString: codecs_png_message(&header))
  return DataError(.malformed, "the PNG file is damaged: libpng says \(reason)")
}
