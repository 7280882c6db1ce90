/// How a cell's answer follows a drifting grating through one period: simple cells follow it, complex cells do not.
///
/// Skottun et al., "Classifying simple and complex cells on the basis of response modulation", 1991.
public struct Modulation: Sendable, Hashable {
  /// The mean answer F0, less that to nothing.
  public let mean: Double
  /// The amplitude F1 of the answer at the grating's temporal frequency.
  public let fundamental: Double

  /// Answers that are evenly apart through whole periods.
  ///
  /// - Parameter periods: how many.
  public init(_ responses: [Double], blank: Double = 0, periods: Int = 1) {
    let count = Double(max(responses.count, 1))
    mean = responses.reduce(0, +) / count - blank
    var (x, y) = (0.0, 0.0)
    for (index, response) in responses.enumerated() {
      let turn = 2 * .pi * Double(periods) * Double(index) / count
      x += response * Angle.cos(turn)
      y += response * Angle.sin(turn)
    }
    fundamental = 2 * (x * x + y * y).squareRoot() / count
  }

  /// F1/F0: above 1 the cell is called simple, below complex; nil where it does not answer.
  public var ratio: Double? { mean > 0 ? fundamental / mean : nil }
}

/// How a cell's answer changes with the length of a bar.
public struct EndStopping: Sendable, Hashable {
  /// The answers by length, less that to nothing, the shortest bar first.
  public let responses: [Double]

  /// Answers to bars, the shortest first.
  public init(_ responses: [Double], blank: Double = 0) {
    self.responses = responses.map { $0 - blank }
  }

  /// `1 − R(longest)/R(best)`: above a half the cell is called end-stopped; nil where it does not answer.
  public var index: Double? {
    guard let best = responses.max(), best > 0, let longest = responses.last else { return nil }
    return 1 - longest / best
  }
}
