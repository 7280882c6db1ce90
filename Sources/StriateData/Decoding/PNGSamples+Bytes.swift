import StriateCore

extension PNGSamples {
  /// The numbers in 8 bits each with rounding, how many of a pixel are colour, and whether alpha stands behind them.
  ///
  /// A colour that is transparent becomes alpha.
  var bytes: (pixels: [UInt8], channels: Int, hasAlpha: Bool) {
    let values = color.values
    let channels = values >= 3 ? 3 : 1
    guard let transparent else {
      return (samples.map { byte($0) }, channels, values != channels)
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * (values + 1))
    for start in stride(from: 0, to: samples.count, by: values) {
      let pixel = samples[start..<(start + values)]
      pixels += pixel.map { byte($0) }
      pixels.append(pixel.elementsEqual(transparent) ? 0 : 255)
    }
    return (pixels, channels, true)
  }

  /// The colour of a pixel in 8 bits a value, alpha left out.
  package func color(at place: Int) -> RGB {
    let at = place * color.values
    switch color {
    case .palette:
      let index = Int(samples[at])
      return index < palette.count ? palette[index] : RGB(0, 0, 0)
    case .grey, .greyAlpha:
      let grey = byte(samples[at])
      return RGB(grey, grey, grey)
    case .rgb, .rgbAlpha:
      return RGB(byte(samples[at]), byte(samples[at + 1]), byte(samples[at + 2]))
    }
  }

  /// A grey or coloured value in 8 bits.
  private func byte(_ value: UInt16) -> UInt8 {
    switch bits {
    case 8: UInt8(truncatingIfNeeded: value)
    case 16: UInt8((Int(value) * 255 + 32767) / 65535)
    default: UInt8(Int(value) * 255 / ((1 << bits) - 1))
    }
  }
}
