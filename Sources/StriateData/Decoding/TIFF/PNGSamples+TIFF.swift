import StriateCore

extension PNGSamples {
  /// The numbers of a TIFF file of whole numbers, grey, coloured or with a palette.
  ///
  /// - Throws: `DataError` where it is damaged, or has floating-point numbers or other channels.
  init(tiff bytes: [UInt8]) throws(DataError) {
    let file = try TIFFImage(bytes)
    let color: Color? =
      switch (file.channels, file.isPalette) {
      case (1, true): .palette
      case (1, false): .grey
      case (2, _): .greyAlpha
      case (3, _): .rgb
      case (4, _): .rgbAlpha
      default: nil
      }
    guard let color, !file.isFloat, file.channels == 1 || file.isOnePage else {
      throw DataError(
        .unsupported,
        "the TIFF file has \(file.channels) channels of "
          + (file.isFloat ? "floating-point" : "whole")
          + " numbers; a mask has one of whole numbers, or colours")
    }
    self.init(
      size: file.size, color: color, bits: file.bits, palette: file.palette,
      samples: try file.values().map { UInt16($0) })
  }
}
