import CCodecs
import StriateCore

extension Mask {
  /// The palette of PASCAL VOC: colours of 256 classes that differ as much as can be, black for class 0.
  public static let palette: [RGB] = (0..<256).map { label in
    var (rest, red, green, blue) = (label, 0, 0, 0)
    for shift in 0..<8 {
      red |= (rest & 1) << (7 - shift)
      green |= (rest >> 1 & 1) << (7 - shift)
      blue |= (rest >> 2 & 1) << (7 - shift)
      rest >>= 3
    }
    return RGB(UInt8(red), UInt8(green), UInt8(blue))
  }

  /// The bytes of this mask as a PNG file with a palette, class numbers being its indices.
  ///
  /// - Parameter palette: the colours of the classes; black where it has none.
  /// - Throws: `DataError` where a number is no byte, or libpng is not there.
  public func png(palette: [RGB] = Mask.palette) throws(DataError) -> [UInt8] {
    try check(classes: 256)
    var colors = [UInt8](repeating: 0, count: 256 * 3)
    for (label, color) in palette.prefix(256).enumerated() {
      colors.replaceSubrange(
        (3 * label)..<(3 * label + 3), with: [color.red, color.green, color.blue])
    }
    let pixels = labels.map { UInt8(truncatingIfNeeded: $0) }
    return try encoded(format: Self.indexed, pixels, colors)
  }

  /// The bytes of this mask as a grey PNG file of 16 bits, for numbers of instances.
  ///
  /// - Throws: `DataError` where a number does not lie in 0 to 65535, or libpng is not there.
  public func deepPNG() throws(DataError) -> [UInt8] {
    try check(classes: 65536)
    let numbers = labels.flatMap { label in
      withUnsafeBytes(of: UInt16(truncatingIfNeeded: label)) { Array($0) }
    }
    return try encoded(format: UInt32(CODECS_PNG_FORMAT_LINEAR.rawStatus), numbers, [])
  }

  private static let indexed =
    UInt32(CODECS_PNG_FORMAT_COLOR.rawStatus) | UInt32(CODECS_PNG_FORMAT_COLORMAP.rawStatus)

  /// The file of pixels in the machine's byte order.
  private func encoded(
    format: UInt32, _ pixels: [UInt8], _ colors: [UInt8]
  ) throws(DataError) -> [UInt8] {
    try CodecLibrary.libpng.require()
    var header = codecs_png_image()
    header.version = UInt32(CODECS_PNG_VERSION.rawStatus)
    header.width = UInt32(width)
    header.height = UInt32(height)
    header.format = format
    header.colormap_entries = UInt32(colors.count / 3)
    var needed = 0
    guard codecs_png_write_mapped(&header, nil, &needed, pixels, colors) != 0 else {
      throw pngFault(&header)
    }
    var bytes = [UInt8](repeating: 0, count: needed)
    guard codecs_png_write_mapped(&header, &bytes, &needed, pixels, colors) != 0 else {
      throw pngFault(&header)
    }
    return Array(bytes.prefix(needed))
  }
}
