import StriateCore

extension DeepImage {
  /// This image at another size, by the filters of `Image.resized` without rounding to bytes between.
  ///
  /// - Throws: `DataError` where an extent is not positive or the image would be too large.
  public func resized(
    _ size: ImageSize, _ interpolation: Interpolation
  ) throws(DataError) -> DeepImage {
    if size == self.size { return self }
    try Self.check(width: size.width, height: size.height, channels: channels)
    let across = FloatTaps(width, size.width, interpolation)
    let down = FloatTaps(height, size.height, interpolation)
    // Rows first: `wide` holds every row at the new width.
    let row = size.width * channels
    var wide = [Float](repeating: 0, count: height * row)
    for y in 0..<height {
      for x in 0..<size.width {
        for (tap, weight) in across[x] {
          let from = (y * width + tap) * channels
          let to = y * row + x * channels
          for channel in 0..<channels { wide[to + channel] += weight * values[from + channel] }
        }
      }
    }
    var result = [Float](repeating: 0, count: size.height * row)
    for y in 0..<size.height {
      for (tap, weight) in down[y] {
        for at in 0..<row { result[y * row + at] += weight * wide[tap * row + at] }
      }
    }
    return try DeepImage(
      width: size.width, height: size.height, channels: channels, values: result, scale: scale,
      hasAlpha: hasAlpha)
  }
}

/// For each result along one axis the pixels that take part in it, and how much.
private struct FloatTaps {
  private let lists: [[(Int, Float)]]

  init(_ from: Int, _ to: Int, _ interpolation: Interpolation) {
    if interpolation == .nearest {
      lists = (0..<to).map { [(min((2 * $0 + 1) * from / (2 * to), from - 1), 1)] }
      return
    }
    let weights = ResampleWeights(from, to, interpolation.filter)
    lists = (0..<to).map { place in
      let start = place * Int(weights.taps)
      let own = weights.values[start..<(start + Int(weights.count[place]))].map(Double.init)
      let sum = own.reduce(0, +)
      return own.enumerated().map {
        (Int(weights.first[place]) + $0, Float(sum == 0 ? 0 : $1 / sum))
      }
    }
  }

  subscript(place: Int) -> [(Int, Float)] { lists[place] }
}

/// Where the pixels of an image come from once its geometry has changed: an image of three channels that hold one more
/// than the number of each pixel, so that whatever moves masks moves images of any depth and any number of channels.
///
/// What comes in from outside is 0, no pixel.
struct PixelMap {
  var image: Image

  /// Every pixel of an image of this extent in its own place.
  ///
  /// - Throws: `DataError` where there are more than can be numbered.
  init(_ size: ImageSize) throws(DataError) {
    let count = size.width * size.height
    guard count < 1 << 24 else {
      throw DataError(
        .unsupported,
        "an image of \(size) pixels with other than 8 bits or 1 or 3 channels is augmented up to "
          + "\((1 << 24) - 1) pixels: cut it into tiles, or leave --augment out")
    }
    image = Image(size: size, channels: 3) { target in
      for place in 0..<count {
        let number = place + 1
        target[3 * place] = UInt8(truncatingIfNeeded: number >> 16)
        target[3 * place + 1] = UInt8(truncatingIfNeeded: number >> 8)
        target[3 * place + 2] = UInt8(truncatingIfNeeded: number)
      }
    }
  }

  /// The pixel that stands at each place; -1 for none.
  var places: [Int] {
    stride(from: 0, to: image.pixels.count, by: 3).map { at in
      (Int(image.pixels[at]) << 16 | Int(image.pixels[at + 1]) << 8 | Int(image.pixels[at + 2])) - 1
    }
  }
}
