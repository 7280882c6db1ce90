import StriateCore
import StriateData

/// A number for each place of an image: the more, the warmer.
public struct HeatMap: Sendable, Hashable {
  /// Rows of places.
  public let height: Int
  /// Places in a row.
  public let width: Int
  /// A number a place, row by row.
  public let values: [Float]

  /// A map of these extents; places without a number are 0.
  public init(height: Int, width: Int, values: [Float]) {
    self.height = max(height, 0)
    self.width = max(width, 0)
    let count = self.height * self.width
    self.values =
      Array(values.prefix(count)) + [Float](repeating: 0, count: max(count - values.count, 0))
  }

  /// The place with the greatest number, the first of equal ones.
  public var peak: (row: Int, column: Int) {
    let place = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    return width > 0 ? (place / width, place % width) : (0, 0)
  }

  /// The same map in other extents, bilinear between the middles of places.
  public func resized(height newHeight: Int, width newWidth: Int) -> HeatMap {
    guard height > 0, width > 0, newHeight > 0, newWidth > 0 else {
      return HeatMap(height: newHeight, width: newWidth, values: [])
    }
    func source(_ place: Int, _ old: Int, _ new: Int) -> (low: Int, high: Int, share: Float) {
      let at = (Float(place) + 0.5) * Float(old) / Float(new) - 0.5
      let inside = min(max(at, 0), Float(old - 1))
      let low = Int(inside)
      return (low, min(low + 1, old - 1), inside - Float(low))
    }
    var result: [Float] = []
    result.reserveCapacity(newHeight * newWidth)
    for row in 0..<newHeight {
      let y = source(row, height, newHeight)
      for column in 0..<newWidth {
        let x = source(column, width, newWidth)
        func mixed(_ row: Int) -> Float {
          values[row * width + x.low] * (1 - x.share) + values[row * width + x.high] * x.share
        }
        result.append(mixed(y.low) * (1 - y.share) + mixed(y.high) * y.share)
      }
    }
    return HeatMap(height: newHeight, width: newWidth, values: result)
  }

  /// The numbers from 0 at the least to 1 at the greatest; zeros where all are equal.
  public var normalized: [Float] {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    return values.map { high > low ? ($0 - low) / (high - low) : 0 }
  }

  /// The map over an image: half of the image's brightness, half of a colour from blue to red.
  ///
  /// - Throws: `DataError` where there is no such image.
  public func overlay(on image: Image) throws -> Image {
    let shares = resized(height: image.height, width: image.width).normalized
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * shares.count)
    let base = image.rgb().pixels
    for (place, share) in shares.enumerated() {
      for (channel, color) in Self.color(share).enumerated() {
        pixels.append(UInt8((Float(base[3 * place + channel]) + 255 * color) / 2))
      }
    }
    return try Image(width: image.width, height: image.height, channels: 3, pixels: pixels)
  }

  /// Dark blue, cyan, yellow, dark red: the colours that such maps usually have.
  private static func color(_ share: Float) -> [Float] {
    [3, 2, 1].map { min(max(1.5 - abs(4 * share - $0), 0), 1) }
  }
}

/// Spearman's rank correlation, with mean ranks for equal numbers.
public enum RankCorrelation {
  /// The correlation of two lists, from −1 to 1; 0 where one of them does not vary.
  public static func spearman(_ a: [Float], _ b: [Float]) -> Double {
    let (x, y) = (ranks(a), ranks(b))
    guard x.count == y.count, !x.isEmpty else { return 0 }
    let mean = Double(x.count - 1) / 2
    var (xy, xx, yy) = (0.0, 0.0, 0.0)
    for (p, q) in zip(x, y) {
      xy += (p - mean) * (q - mean)
      xx += (p - mean) * (p - mean)
      yy += (q - mean) * (q - mean)
    }
    return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
  }

  private static func ranks(_ values: [Float]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var result = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for place in start...end { result[order[place]] = Double(start + end) / 2 }
      start = end + 1
    }
    return result
  }
}
