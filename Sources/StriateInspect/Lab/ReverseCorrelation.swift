import StriateCore
import StriateCortex

/// A unit's receptive field by what it answers to white noise: the mean of what was shown, weighted by the answers.
///
/// Of a linear unit with a rectifier the mean is its filter, up to a factor: de Boer and Kuyper, 1968; Jones and Palmer,
/// 1987; Chichilnisky, 2001.
public struct ReverseCorrelation: Sendable {
  /// The width of the field, in pixels.
  public let width: Int
  /// The height of the field, in pixels.
  public let height: Int
  /// The weighted mean of the pictures before an answer, by how many pictures they were before it, row by row.
  public let averages: [[Double]]
  /// The sum of the answers.
  public let answers: Double

  /// Shows so many pictures of noise.
  ///
  /// - Throws: `InspectError` where an answer is no number, or the device's error.
  public init(
    _ electrode: Electrode, frames: Int = 10_000, noise: WhiteNoise = WhiteNoise()
  ) throws {
    (width, height) = (electrode.width, electrode.height)
    let (width, height) = (width, height)
    let rates = try electrode.record(frames) { noise.frame($0, width: width, height: height) }
    var sums = [[Double]](
      repeating: [Double](repeating: 0, count: width * height), count: electrode.frames)
    let mean = rates.reduce(0, +) / Double(max(frames, 1))
    for (time, rate) in zip(0..<frames, rates) where rate != mean {
      for back in 0..<electrode.frames {
        let picture = noise.frame(time - back, width: width, height: height)
        for (place, value) in picture.enumerated() {
          // Without its mean, a rate that never changes tells of no field.
          sums[back][place] += (rate - mean) * Double(value - 0.5)
        }
      }
    }
    answers = rates.reduce(0, +)
    averages = sums.map { $0.map { $0 / Double(max(frames, 1)) } }
  }

  /// How many pictures before the answer the field is clearest.
  public var latency: Int {
    let powers = averages.map { $0.reduce(0) { $0 + $1 * $1 } }
    return powers.indices.max { powers[$0] < powers[$1] } ?? 0
  }

  /// The field where it is clearest, row by row.
  public var field: [Double] { averages.indices.contains(latency) ? averages[latency] : [] }
}
