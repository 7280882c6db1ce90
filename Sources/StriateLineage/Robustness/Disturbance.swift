import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is done to test pictures that a network never saw so.
public enum Disturbance: Sendable, Hashable, CustomStringConvertible {
  /// Moved by so many pixels to one of four sides, drawn for each.
  case moved(Int)
  /// Larger or smaller around the middle.
  case scaled(Double)
  /// Turned by so many degrees, to one of two sides, drawn for each.
  case turned(Double)
  /// Normal noise of this deviation added, of values from 0 to 1.
  case noise(Double)
  /// Smoothed by a Gaussian function of this deviation, in pixels.
  case blurred(Double)
  /// A black square of this share of the side, at a place drawn for each.
  case hidden(Double)

  /// Those that a lineage asks about.
  public static let all: [Disturbance] = [
    .moved(2), .moved(4), .scaled(0.8), .scaled(1.2), .turned(15), .turned(30), .noise(0.1),
    .noise(0.3), .blurred(1), .hidden(0.3),
  ]

  /// What a reader is told.
  public var description: String {
    switch self {
    case .moved(let pixels): "moved by \(pixels) px"
    case .scaled(let factor): "scaled to \(Numbers.plain(100 * factor)) %"
    case .turned(let degrees): "turned by \(Numbers.plain(degrees))°"
    case .noise(let deviation): "noise of deviation \(Numbers.plain(deviation))"
    case .blurred(let deviation): "blurred by \(Numbers.plain(deviation)) px"
    case .hidden(let share): "a square of \(Numbers.plain(100 * share)) % of the side hidden"
    }
  }

  /// Pictures with this done to them; what comes in from outside is black.
  ///
  /// - Parameters:
  ///   - mean: what was subtracted from each channel of values from 0 to 1; a missing one is 0.
  ///   - std: what they were divided by; a missing one is 1.
  ///   - seed: decides all that is drawn, picture by picture.
  package func applied(
    to pictures: HeldPictures, mean: [Float], std: [Float], seed: UInt64
  ) -> HeldPictures {
    var result = pictures
    let (channels, rows, columns) = (pictures.shape[0], pictures.shape[1], pictures.shape[2])
    let area = rows * columns
    for index in pictures.labels.indices {
      var random = RandomStream(seed: seed, "\(self)", index)
      let change = Change(self, rows: rows, columns: columns, &random)
      for channel in 0..<channels {
        let m = mean.indices.contains(channel) ? mean[channel] : 0
        let s = std.indices.contains(channel) ? std[channel] : 1
        let start = (index * channels + channel) * area
        let plain = pictures.values[start..<(start + area)].map { $0 * s + m }
        let changed = change.apply(plain, &random)
        for place in 0..<area { result.values[start + place] = (changed[place] - m) / s }
      }
    }
    return result
  }
}

/// A disturbance with what was drawn for one picture.
private struct Change {
  let kind: Disturbance
  let rows: Int
  let columns: Int
  /// The sine and cosine, divided by the scale, and the shift, by which places are read.
  var (sine, cosine) = (0.0, 1.0)
  var (down, right) = (0.0, 0.0)
  /// The hidden square.
  var (top, left, side) = (0, 0, 0)

  init(_ kind: Disturbance, rows: Int, columns: Int, _ random: inout RandomStream) {
    (self.kind, self.rows, self.columns) = (kind, rows, columns)
    switch kind {
    case .moved(let pixels):
      let distance = Double(pixels)
      (down, right) =
        [(distance, 0), (-distance, 0), (0, distance), (0, -distance)][
          Int.random(in: 0..<4, using: &random)]
    case .scaled(let factor): cosine = 1 / factor
    case .turned(let degrees):
      let angle = degrees / 180 * .pi * (Bool.random(using: &random) ? 1 : -1)
      (sine, cosine) = (sin(angle), cos(angle))
    case .hidden(let share):
      side = max(Int((share * Double(min(rows, columns))).rounded()), 1)
      top = Int.random(in: 0...max(rows - side, 0), using: &random)
      left = Int.random(in: 0...max(columns - side, 0), using: &random)
    case .noise, .blurred: break
    }
  }

  /// A channel of values from 0 to 1, changed.
  func apply(_ values: [Float], _ random: inout RandomStream) -> [Float] {
    switch kind {
    case .moved, .scaled, .turned: return read(values)
    case .noise(let deviation):
      return values.map { min(max($0 + Float(deviation * Self.normal(&random)), 0), 1) }
    case .blurred(let deviation): return blurred(values, deviation)
    case .hidden:
      var result = values
      for row in top..<min(top + side, rows) {
        for column in left..<min(left + side, columns) { result[row * columns + column] = 0 }
      }
      return result
    }
  }

  /// The picture read at turned, scaled and moved places, between pixels by straight lines.
  private func read(_ values: [Float]) -> [Float] {
    let (middleRow, middleColumn) = (Double(rows - 1) / 2, Double(columns - 1) / 2)
    var result = [Float](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns {
        let (y, x) = (Double(row) - middleRow, Double(column) - middleColumn)
        let fromY = cosine * y + sine * x + middleRow - down
        let fromX = cosine * x - sine * y + middleColumn - right
        let (low, near) = (fromY.rounded(.down), fromX.rounded(.down))
        var sum = 0.0
        for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
          let (r, c) = (Int(low) + dy, Int(near) + dx)
          guard r >= 0, r < rows, c >= 0, c < columns else { continue }
          let weight = (1 - Swift.abs(fromY - Double(r))) * (1 - Swift.abs(fromX - Double(c)))
          sum += weight * Double(values[r * columns + c])
        }
        result[row * columns + column] = Float(sum)
      }
    }
    return result
  }

  private func blurred(_ values: [Float], _ deviation: Double) -> [Float] {
    let reach = max(Int((3 * deviation).rounded(.up)), 1)
    let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
    let total = weights.reduce(0, +)
    /// Along one axis: `step` apart, `count` places in a line.
    func smooth(_ values: [Float], step: Int, count: Int) -> [Float] {
      values.indices.map { index in
        let place = index / step % count
        var sum = 0.0
        for offset in -reach...reach where place + offset >= 0 && place + offset < count {
          sum += weights[offset + reach] * Double(values[index + offset * step])
        }
        return Float(sum / total)
      }
    }
    return smooth(smooth(values, step: 1, count: columns), step: columns, count: rows)
  }

  /// A normal number, by Box and Muller.
  private static func normal(_ random: inout RandomStream) -> Double {
    let radius = (-2 * log(Double.random(in: Double.leastNormalMagnitude..<1, using: &random)))
      .squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
  }
}
