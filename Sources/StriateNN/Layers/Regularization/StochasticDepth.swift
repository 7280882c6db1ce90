import StriateCore
import StriateIR

/// In training, drops a residual branch with some probability and scales it up where it stays.
///
/// Any shape → the same; put it on the branch, before the addition. By rows each sample draws for itself, by
/// batch all draw once. Huang, Sun, Liu, Sedra and Weinberger, "Deep networks with stochastic depth", ECCV 2016
/// (scaled in training, not in use); torchvision's `stochastic_depth`.
public struct StochasticDepth: Layer {
  /// Who draws.
  public enum Mode: String, Sendable, Hashable { case row, batch }

  private let id = LayerID()
  /// The probability that the branch is dropped.
  public let rate: Double
  /// Whether each sample draws for itself or all draw once.
  public let mode: Mode

  /// A stochastic depth; a rate outside [0, 1] is reported when it is traced.
  public init(_ rate: Double, mode: Mode = .row) {
    self.rate = rate
    self.mode = mode
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard rate >= 0, rate <= 1 else {
      return x.builder.refuse(
        "stochastic_depth", "the rate must lie in [0, 1], found \(rate)", operands: [x])
    }
    if x.isPoisoned || rate == 0 || x.builder.options.mode == .inference { return x }
    guard x.shape.rank >= 1 else {
      return x.builder.refuse(
        "stochastic_depth", "takes samples along the first axis, found \(x.type)", operands: [x])
    }
    let ones = [Int](repeating: 1, count: x.shape.rank - 1)
    let draws = x.builder.random(.uniform, Shape([mode == .row ? x.shape[0] : 1] + ones))
    return select(draws .< rate, 0.0, rate < 1 ? x * (1 / (1 - rate)) : x)
  }
}
