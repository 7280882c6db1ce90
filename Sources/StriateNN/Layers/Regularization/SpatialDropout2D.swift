import StriateCore
import StriateIR

/// In training, sets whole channels to zero with some probability and scales the others up.
///
/// `[N, C, H, W]` → the same. Neighbouring pixels are alike, so that dropping single ones teaches little.
/// Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015; PyTorch's `Dropout2d`.
public struct SpatialDropout2D: Layer {
  private let id = LayerID()
  /// The probability that a channel is zero.
  public let rate: Double

  /// A dropout of channels; a rate outside [0, 1) is reported when it is traced.
  public init(_ rate: Double = 0.5) { self.rate = rate }

  /// Maps `[N, C, H, W]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard rate >= 0, rate < 1 else {
      return x.builder.refuse(
        "spatial_dropout", "the rate must lie in [0, 1), found \(rate)", operands: [x])
    }
    if x.isPoisoned { return x }
    guard x.shape.rank >= 3 else {
      return x.builder.refuse(
        "spatial_dropout", "takes images [N, C, H, W], found \(x.type)", operands: [x])
    }
    if rate == 0 || x.builder.options.mode == .inference { return x }
    let ones = [Int](repeating: 1, count: x.shape.rank - 2)
    let draws = x.builder.random(.uniform, Shape([x.shape[0], x.shape[1]] + ones))
    return select(draws .< rate, 0.0, x * (1 / (1 - rate)))
  }
}
