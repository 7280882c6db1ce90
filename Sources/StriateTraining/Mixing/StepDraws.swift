import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Draws in double precision that are a function of the seed and the step; makes nothing on the heap.
struct StepDraws {
  private let generator: Philox
  private let stream: UInt64
  private var position: UInt64 = 0

  private static let mixing = StreamKey(["mixing"]).value

  init(seed: UInt64, step: Int) {
    generator = Philox(key: seed)
    stream = Self.mixing ^ (UInt64(bitPattern: Int64(step)) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// Uniform in (0, 1): the middle of one of 2⁵² equal parts.
  mutating func unit() -> Double {
    let low = UInt64(generator.word(at: position, stream: stream))
    let high = UInt64(generator.word(at: position &+ 1, stream: stream))
    position &+= 2
    return (Double((high << 32 | low) >> 12) + 0.5) * 0x1p-52
  }

  /// Uniform among the numbers from 0; 0 where there are none.
  mutating func index(below count: Int) -> Int {
    max(min(Int(unit() * Double(max(count, 0))), count - 1), 0)
  }

  /// Normal with mean 0 and variance 1, by Box and Muller's transform.
  mutating func normal() -> Double {
    (-2 * log(unit())).squareRoot() * cos(2 * .pi * unit())
  }

  /// From Beta(α, α): `x/(x + y)` of two Gamma draws, in logarithms, so that a small `α` divides no zeros;
  /// 1 where there is no such distribution.
  mutating func beta(_ alpha: Double) -> Double {
    guard alpha > 0, alpha.isFinite else { return 1 }
    let (x, y) = (logGamma(alpha), logGamma(alpha))
    return 1 / (1 + exp(y - x))
  }

  /// The logarithm of a draw from Gamma(shape, 1).
  ///
  /// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; a shape below 1 by that
  /// of one more times `u^(1/shape)`.
  private mutating func logGamma(_ shape: Double) -> Double {
    if shape < 1 {
      let larger = logGamma(shape + 1)
      return larger + log(unit()) / shape
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      if log(unit()) < 0.5 * x * x + d - d * cube + d * log(cube) { return log(d) + log(cube) }
    }
  }
}
