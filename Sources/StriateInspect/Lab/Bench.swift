import StriateCore
import StriateCortex

/// The physiologist's bench: what is measured of a unit by showing it gratings and bars.
public struct Bench {
  /// The unit.
  public let electrode: Electrode
  /// Directions around the circle.
  public var directions = 72
  /// Pictures through which a grating drifts by one period.
  public var frames: Int
  /// The contrast of gratings and bars.
  public var contrast = 1.0

  /// A bench around a unit.
  public init(_ electrode: Electrode) {
    self.electrode = electrode
    // A unit that looks back has a speed; of others more pictures tell the course better.
    frames = electrode.frames > 1 ? 16 : 32
  }

  /// What a unit is.
  public struct Report: Sendable, Hashable {
    /// The answer to nothing.
    public var blank = 0.0
    /// The spatial frequency that is answered most, in periods a pixel.
    public var frequency = 0.0
    /// The answer to each direction of a drifting grating of that frequency.
    public var tuning = TuningCurve([])
    /// How the answer follows the grating in the preferred direction.
    public var modulation = Modulation([])
    /// The answers to bars of growing length in the preferred orientation.
    public var endStopping = EndStopping([])
    /// The bars' lengths, in pixels.
    public var lengths: [Double] = []
    /// The frequencies that were tried, in periods a pixel, and the greatest answer over directions to each.
    public var frequencies: [(frequency: Double, response: Double)] = []

    public static func == (a: Report, b: Report) -> Bool {
      a.tuning == b.tuning && a.modulation == b.modulation && a.endStopping == b.endStopping
        && a.blank == b.blank && a.frequency == b.frequency && a.lengths == b.lengths
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(tuning)
      hasher.combine(frequency)
    }
  }

  /// Measures everything.
  ///
  /// - Parameter frequency: the gratings' spatial frequency; nil finds the one that is answered most.
  /// - Throws: `InspectError` where an answer is no number, or the device's error.
  public func examine(frequency: Double? = nil) throws -> Report {
    var report = Report()
    report.blank = try blank()
    if frequency == nil { report.frequencies = try frequencies(blank: report.blank) }
    report.frequency =
      frequency ?? report.frequencies.max { $0.response < $1.response }?.frequency ?? 0.1
    report.tuning = try tuning(frequency: report.frequency, blank: report.blank)
    report.modulation = try modulation(
      direction: report.tuning.preferred, frequency: report.frequency, blank: report.blank)
    (report.lengths, report.endStopping) = try lengths(
      direction: report.tuning.preferred, width: 0.5 / report.frequency, blank: report.blank)
    return report
  }

  /// The answer to a grey field.
  public func blank() throws -> Double {
    try electrode.record(Blank(frames: 1))[0]
  }

  /// The answers to directions: the mean over a period, or the amplitude of what follows it where that is greater, as
  /// with simple cells.
  public func tuning(frequency: Double, blank: Double) throws -> TuningCurve {
    TuningCurve(
      try (0..<directions).map { index in
        let direction = 2 * .pi * Double(index) / Double(directions)
        return try response(direction: direction, frequency: frequency, blank: blank)
      })
  }

  /// How the answer follows a grating.
  public func modulation(
    direction: Double, frequency: Double, blank: Double
  ) throws -> Modulation {
    Modulation(
      try electrode.record(grating(direction, frequency)), blank: blank)
  }

  /// The answers to frequencies, each in its best of eight directions.
  public func frequencies(
    blank: Double
  ) throws -> [(frequency: Double, response: Double)] {
    let side = Double(min(electrode.width, electrode.height))
    var frequency = 1 / side
    var found: [(frequency: Double, response: Double)] = []
    while frequency <= 0.45 {
      let answers = try (0..<8).map {
        try response(direction: .pi / 4 * Double($0), frequency: frequency, blank: blank)
      }
      found.append((frequency, answers.max() ?? 0))
      frequency *= 1.1892071150027210667  // a quarter of an octave
    }
    return found
  }

  /// The greatest answers to bars that move across the field, from the shortest to one that leaves it at both ends.
  public func lengths(
    direction: Double, width: Double, blank: Double
  ) throws -> (lengths: [Double], EndStopping) {
    let side = Double(max(electrode.width, electrode.height))
    let lengths = (1...16).map { side * 1.5 * Double($0) / 16 }
    let answers = try lengths.map { length -> Double in
      let bar = Bar(
        direction: direction, width: width, length: length, from: -2 * width, to: 2 * width,
        contrast: contrast, frames: 33)
      return try electrode.record(bar).max() ?? 0
    }
    return (lengths, EndStopping(answers, blank: blank))
  }

  private func response(direction: Double, frequency: Double, blank: Double) throws -> Double {
    let found = try modulation(direction: direction, frequency: frequency, blank: blank)
    return max(found.mean, found.fundamental)
  }

  private func grating(_ direction: Double, _ frequency: Double) -> Grating {
    Grating(direction: direction, frequency: frequency, contrast: contrast, frames: frames)
  }
}
