import StriateCore
import StriateIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Initializer {
  /// Normal, drawn anew where it would fall outside two bounds; by default two deviations from the mean.
  ///
  /// PyTorch's `trunc_normal_`, whose default bounds are −2 and 2 whatever the deviation. A draw is the
  /// normal quantile of a uniform number between the bounds' probabilities, in Double.
  public static func truncatedNormal(
    mean: Double = 0, deviation: Double = 1, low: Double? = nil, high: Double? = nil
  ) -> Initializer {
    let (low, high) = (low ?? mean - 2 * deviation, high ?? mean + 2 * deviation)
    let name = "truncatedNormal(mean: \(mean), deviation: \(deviation), low: \(low), high: \(high))"
    let first = NormalDistribution.probability((low - mean) / deviation)
    let last = NormalDistribution.probability((high - mean) / deviation)
    let place: @Sendable ([Double], Shape) -> [Double] = { draws, _ in
      draws.map { draw in
        let quantile = NormalDistribution.quantile(first + draw * (last - first))
        return min(max(mean + deviation * quantile, low), high)
      }
    }
    return Initializer(name, finish: place) { builder, shape in
      guard deviation > 0, deviation.isFinite, mean.isFinite, first < last else {
        return builder.refuse(
          name, "the deviation must be positive, and the bounds in order and in reach of the mean")
      }
      return builder.random(.uniform, shape)
    }
  }
}

/// The normal distribution with mean 0 and variance 1.
enum NormalDistribution {
  /// The probability of a number below `x`.
  static func probability(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }

  /// The number below which a draw falls with this probability; infinite at 0 and 1.
  ///
  /// Acklam's rational approximation (relative error below 1.2e−9) and one step of Halley's method.
  static func quantile(_ probability: Double) -> Double {
    guard probability > 0 else { return -.infinity }
    guard probability < 1 else { return .infinity }
    // The upper half by symmetry, so that differences of probabilities keep their digits.
    if probability > 0.5 { return -quantile(1 - probability) }
    let x = approximation(probability)
    let error = self.probability(x) - probability
    let step = error * (2 * Double.pi).squareRoot() * exp(x * x / 2)
    return x - step / (1 + x * step / 2)
  }

  private static func approximation(_ probability: Double) -> Double {
    func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
      coefficients.reduce(0) { $0 * x + $1 }
    }
    if probability < 0.02425 {
      let q = (-2 * log(probability)).squareRoot()
      return polynomial(tailAbove, q) / polynomial(tailBelow, q)
    }
    let q = probability - 0.5
    return q * polynomial(middleAbove, q * q) / polynomial(middleBelow, q * q)
  }

  private static let middleAbove = [
    -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
    -3.066479806614716e+01, 2.506628277459239e+00,
  ]
  private static let middleBelow = [
    -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
    -1.328068155288572e+01, 1,
  ]
  private static let tailAbove = [
    -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
    4.374664141464968e+00, 2.938163982698783e+00,
  ]
  private static let tailBelow = [
    7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1,
  ]
}
