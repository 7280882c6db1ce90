import StriateCore

extension Image {
  /// This image in colour with each class's colour laid over its pixels; class 0, the background, stays clear.
  ///
  /// - Parameters:
  ///   - palette: the colours of the classes.
  ///   - share: how much of the colour is seen, from 0 to 1.
  /// - Throws: `DataError` where the mask has another extent.
  public func overlaid(
    with mask: Mask, palette: [RGB] = Mask.palette, share: Double = 0.5
  ) throws(DataError) -> Image {
    try mask.check(width: width, height: height)
    let part = Int((min(max(share, 0), 1) * 256).rounded())
    var result = rgb()
    var pixels = result.pixels
    for (place, label) in mask.labels.enumerated()
    where label > 0 && palette.indices.contains(Int(label)) {
      let color = palette[Int(label)]
      for (channel, value) in [color.red, color.green, color.blue].enumerated() {
        let own = Int(pixels[place * 3 + channel])
        pixels[place * 3 + channel] = UInt8((own * (256 - part) + Int(value) * part) / 256)
      }
    }
    result = try Image(width: width, height: height, channels: 3, pixels: pixels)
    return result
  }
}
