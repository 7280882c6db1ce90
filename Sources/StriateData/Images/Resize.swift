import StriateCore

extension Image {
  /// This image at another size: averages of the covered area where it shrinks, linear interpolation
  /// between pixel centres where it grows.
  ///
  /// - Throws: `DataError` where an extent is not positive or the image would be too large.
  public func resized(width newWidth: Int, height newHeight: Int) throws(DataError) -> Image {
    try Image.check(width: newWidth, height: newHeight, channels: channels)
    if newWidth == width, newHeight == height { return self }
    let across = taps(from: width, to: newWidth)
    let down = taps(from: height, to: newHeight)
    // Rows first: `wide` holds every source row at the new width.
    var wide = [Float](repeating: 0, count: height * newWidth * channels)
    for y in 0..<height {
      for (x, tap) in across.enumerated() {
        for channel in 0..<channels {
          var sum: Float = 0
          for (k, weight) in tap.weights.enumerated() {
            sum += weight * Float(pixels[(y * width + tap.start + k) * channels + channel])
          }
          wide[(y * newWidth + x) * channels + channel] = sum
        }
      }
    }
    var result = [UInt8](repeating: 0, count: newHeight * newWidth * channels)
    let row = newWidth * channels
    for (y, tap) in down.enumerated() {
      for x in 0..<row {
        var sum: Float = 0
        for (k, weight) in tap.weights.enumerated() {
          sum += weight * wide[(tap.start + k) * row + x]
        }
        result[y * row + x] = UInt8(min(max(sum.rounded(), 0), 255))
      }
    }
    return Image(unchecked: newWidth, newHeight, channels, result)
  }
}

/// The source pixels that take part in one result pixel, and how much.
private struct Tap {
  var start: Int
  var weights: [Float]
}

private func taps(from: Int, to: Int) -> [Tap] {
  let scale = Double(from) / Double(to)
  return (0..<to).map { index in
    scale > 1 ? areaTap(index, scale, from) : linearTap(index, scale, from)
  }
}

private func areaTap(_ index: Int, _ scale: Double, _ count: Int) -> Tap {
  let low = Double(index) * scale
  let high = min(low + scale, Double(count))
  let first = min(Int(low), count - 1)
  let last = min(max(Int(high.rounded(.up)) - 1, first), count - 1)
  let cover = (first...last).map { min(high, Double($0 + 1)) - max(low, Double($0)) }
  let total = cover.reduce(0, +)
  return Tap(start: first, weights: cover.map { Float($0 / total) })
}

private func linearTap(_ index: Int, _ scale: Double, _ count: Int) -> Tap {
  let center = min(max((Double(index) + 0.5) * scale - 0.5, 0), Double(count - 1))
  let first = Int(center)
  guard first + 1 < count else { return Tap(start: first, weights: [1]) }
  let part = Float(center - Double(first))
  return Tap(start: first, weights: [1 - part, part])
}
