import StriateCore
import StriateIR

/// In training, sets each element to zero with some probability and scales the others up to keep the mean.
///
/// Any shape → the same. `y = x / (1 − rate)` where a uniform draw is at least `rate`, else 0; in use `y = x`.
/// The draws are a function of the seed, the step, the layer's path and its call, not of threads or devices.
/// Srivastava et al., "Dropout", JMLR 2014 (inverted, as is usual since).
public struct Dropout: Layer {
  private let id = LayerID()
  /// The probability of a zero.
  public let rate: Double

  /// A dropout; a rate outside [0, 1) is reported when it is traced.
  public init(_ rate: Double = 0.5) { self.rate = rate }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard rate >= 0, rate < 1 else {
      return x.builder.refuse(
        "dropout", "the rate must lie in [0, 1), found \(rate)", operands: [x])
    }
    if x.isPoisoned || rate == 0 || x.builder.options.mode == .inference { return x }
    let dropped = x.builder.random(.uniform, x.shape) .< rate
    return select(dropped, 0.0, x * (1 / (1 - rate)))
  }
}
