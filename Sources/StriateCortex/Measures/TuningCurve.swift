/// A cell's answers to directions that are evenly apart over the whole circle.
///
/// Mazurek, Kager and Van Hooser, "Robust quantification of orientation selectivity and direction selectivity", 2014.
public struct TuningCurve: Sendable, Hashable {
  /// The answers, less that to nothing; the direction of the first is 0.
  public let responses: [Double]

  /// Answers to so many directions, less the answer to a blank field.
  public init(_ responses: [Double], blank: Double = 0) {
    self.responses = responses.map { $0 - blank }
  }

  /// The directions, in radians.
  public var directions: [Double] { responses.indices.map { direction($0) } }

  /// The direction that is answered most, in radians; 0 where there is none.
  public var preferred: Double { best.map { direction($0) } ?? 0 }

  /// `(Rpref − Rorth)/(Rpref + Rorth)`, the preferred orientation's answer and that across it; nil where both are 0.
  public var osi: Double? {
    guard let best else { return nil }
    let quarter = responses.count / 4
    return index(
      (self[best] + self[best + 2 * quarter]) / 2, (self[best + quarter] + self[best - quarter]) / 2
    )
  }

  /// `(Rpref − Rnull)/(Rpref + Rnull)`, the preferred direction's answer and that against it; nil where both are 0.
  public var dsi: Double? {
    guard let best else { return nil }
    return index(self[best], self[best + responses.count / 2])
  }

  /// `|Σ R·e^(2id)|/Σ R`, one less the circular variance over orientations; nil where nothing is answered.
  public var globalOSI: Double? { vector(2) }

  /// `|Σ R·e^(id)|/Σ R`, the same over directions; nil where nothing is answered.
  public var globalDSI: Double? { vector(1) }

  /// Half the width of the curve at half its height around the preferred direction, in radians, straight lines between
  /// the answers; nil where it does not fall so far within a quarter of the circle.
  public var halfWidth: Double? {
    guard let best, self[best] > 0 else { return nil }
    let half = self[best] / 2
    var sides: [Double] = []
    for sign in [1, -1] {
      var before = self[best]
      for step in 1...max(responses.count / 4, 1) {
        let now = self[best + sign * step]
        if now <= half {
          let share = before > now ? (before - half) / (before - now) : 0
          sides.append((Double(step - 1) + share) * 2 * .pi / Double(responses.count))
          break
        }
        before = now
      }
    }
    return sides.count == 2 ? (sides[0] + sides[1]) / 2 : nil
  }

  private var best: Int? {
    responses.indices.max { responses[$0] < responses[$1] }
  }

  private subscript(place: Int) -> Double {
    let count = responses.count
    return responses[(place % count + count) % count]
  }

  private func direction(_ index: Int) -> Double {
    2 * .pi * Double(index) / Double(max(responses.count, 1))
  }

  private func index(_ a: Double, _ b: Double) -> Double? { a + b > 0 ? (a - b) / (a + b) : nil }

  private func vector(_ harmonic: Double) -> Double? {
    // Answers below the blank's count as none: a share of them has no meaning.
    let rates = responses.map { max($0, 0) }
    let sum = rates.reduce(0, +)
    guard sum > 0 else { return nil }
    var (x, y) = (0.0, 0.0)
    for (rate, direction) in zip(rates, directions) {
      x += rate * Angle.cos(harmonic * direction)
      y += rate * Angle.sin(harmonic * direction)
    }
    return (x * x + y * y).squareRoot() / sum
  }
}
