import CImaging
import StriateCore

extension Image {
  /// Darker below 1, brighter above: a blend with black.
  public func brightened(_ factor: Double) -> Image {
    blended(with: [UInt8](repeating: 0, count: channels), factor)
  }

  /// A blend with the mean of the grey image, rounded.
  public func contrasted(_ factor: Double) -> Image {
    let counts = grey().histogram()
    let sum = counts.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) }
    let mean = UInt8(min(max(sum / Double(max(width * height, 1)) + 0.5, 0), 255))
    return blended(with: [UInt8](repeating: mean, count: channels), factor)
  }

  /// A blend with the grey image; grey ones stay.
  public func saturated(_ factor: Double) -> Image {
    guard channels == 3 else { return self }
    return mapped { si_saturate($0, Float(factor), Int64(width * height), $1) }
  }

  /// The hue turned by a share of the circle from −½ to ½, in 256 steps; grey ones stay.
  public func hueTurned(_ share: Double) -> Image {
    guard channels == 3 else { return self }
    let shift = UInt8(truncatingIfNeeded: Int(min(max(share, -1), 1) * 255))
    return mapped { si_hue($0, shift, Int64(width * height), $1) }
  }

  /// A blend with the image smoothed over 3 × 3: above 1 sharper, below softer.
  public func sharpened(_ factor: Double) -> Image {
    let soft = mapped { si_smooth($0, Int64(width), Int64(height), Int32(channels), $1) }
    return soft.pixels.withUnsafeBufferPointer { soft in
      guard let soft = soft.baseAddress else { return self }
      return mapped { si_blend(soft, $0, Float(factor), Int64(pixels.count), $1) }
    }
  }

  /// Bright and dark changed places.
  public func inverted() -> Image { looked { 255 - $0 } }

  /// Values from a threshold on inverted.
  public func solarized(from threshold: Double) -> Image {
    looked { Double($0) < threshold ? $0 : 255 - $0 }
  }

  /// The highest 1 to 8 bits of each value, the others zero.
  public func posterized(bits: Int) -> Image {
    let mask = UInt8(truncatingIfNeeded: 0xFF00 >> min(max(bits, 0), 8))
    return looked { $0 & mask }
  }

  /// Each channel stretched so that its least value is 0 and its greatest 255.
  public func autocontrasted() -> Image {
    looked(
      tables: channelHistograms().flatMap { counts -> [UInt8] in
        guard let low = counts.firstIndex(where: { $0 > 0 }),
          let high = counts.lastIndex(where: { $0 > 0 }), high > low
        else { return Image.identity }
        let scale = 255 / Double(high - low)
        return (0..<256).map { UInt8(min(max(Double($0) * scale + -Double(low) * scale, 0), 255)) }
      })
  }

  /// Each channel's values spread so that they are as often everywhere.
  public func equalized() -> Image {
    looked(
      tables: channelHistograms().flatMap { counts -> [UInt8] in
        let present = counts.filter { $0 > 0 }
        let step = (present.reduce(0, +) - (present.last ?? 0)) / 255
        guard present.count > 1, step > 0 else { return Image.identity }
        var sum = step / 2
        return counts.map { count in
          defer { sum += count }
          return UInt8(min(sum / step, 255))
        }
      })
  }

  /// Each channel raised by a number of levels.
  func shifted(_ levels: [Double]) -> Image {
    looked(
      tables: (0..<channels).flatMap { channel -> [UInt8] in
        let level = levels.indices.contains(channel) ? levels[channel] : 0
        return (0..<256).map { UInt8(min(max((Double($0) + level).rounded(), 0), 255)) }
      })
  }

  private static var identity: [UInt8] { (0..<256).map { UInt8($0) } }

  /// Pillow's blend of every value with one value a channel, as a table.
  private func blended(with base: [UInt8], _ factor: Double) -> Image {
    looked(
      tables: base.flatMap { base -> [UInt8] in
        (0..<256).map { value in
          let mixed = Float(base) + Float(factor) * Float(value - Int(base))
          return UInt8(min(max(mixed, 0), 255))
        }
      })
  }

  private func looked(_ change: (UInt8) -> UInt8) -> Image {
    let table = Image.identity.map(change)
    return looked(tables: channels == 1 ? table : table + table + table)
  }

  private func looked(tables: [UInt8]) -> Image {
    mapped { si_lookup($0, Int64(width * height), Int32(channels), tables, $1) }
  }

  /// How often each value occurs, 256 counts a channel.
  func histogram() -> [Int] {
    var counts = [UInt64](repeating: 0, count: 256 * channels)
    pixels.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      si_histogram(source, Int64(width * height), Int32(channels), &counts)
    }
    return counts.map { Int(truncatingIfNeeded: $0) }
  }

  private func channelHistograms() -> [[Int]] {
    let counts = histogram()
    return (0..<channels).map { Array(counts[($0 * 256)..<(($0 + 1) * 256)]) }
  }

  /// Blurred by a Gaussian cut off at an odd number of taps, the edges mirrored.
  ///
  /// - Throws: `DataError` where the taps or the deviation make no sense.
  public func blurred(taps: Int, sigma: Double) throws(DataError) -> Image {
    guard taps > 0, taps % 2 == 1, taps <= 999, sigma > 0, sigma.isFinite else {
      throw DataError(
        .invalidRequest,
        "a blur needs an odd number of taps up to 999 and a positive sigma, found \(taps), \(sigma)"
      )
    }
    let kernel = gaussian(taps, sigma)
    var scratch = [Float](repeating: 0, count: pixels.count)
    return mapped {
      si_blur(
        $0, Int64(width), Int64(height), Int32(channels), kernel, Int64(taps), &scratch, $1)
    }
  }
}
