import StriateCore
import StriateIR

/// Images resampled to another size, or by a factor.
///
/// `[N, C, H, W]` → `[N, C, H', W']`. The conventions are PyTorch's `Upsample`, see `Resize`; by a factor
/// `H' = ⌊factor·H⌋`, and neighbours lie `1/factor` apart; those of the resulting size where
/// `recomputesFactor` asks for it, which is PyTorch's `recompute_scale_factor`.
public struct Upsample: Layer {
  /// How the size of the result is told.
  private enum Target: Sendable { case size(Pair), factor(Double) }

  private let id = LayerID()
  private let target: Target
  /// How neighbouring elements are weighted.
  public let mode: Resize.Mode
  /// Whether the first and last elements of both sides lie on each other.
  public let alignsCorners: Bool
  /// Whether positions are those of the resulting size although a factor is given.
  public let recomputesFactor: Bool

  /// A resampling to these extents.
  public init(size: Pair, mode: Resize.Mode = .nearest, alignsCorners: Bool = false) {
    target = .size(size)
    self.mode = mode
    self.alignsCorners = alignsCorners
    recomputesFactor = false
  }

  /// A resampling by a factor; one that is not positive is reported when it is traced.
  public init(
    by factor: Double, mode: Resize.Mode = .nearest, alignsCorners: Bool = false,
    recomputesFactor: Bool = false
  ) {
    target = .factor(factor)
    self.mode = mode
    self.alignsCorners = alignsCorners
    self.recomputesFactor = recomputesFactor
  }

  /// Maps `[N, C, H, W]` to `[N, C, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 4 else {
      return x.builder.refuse(
        "upsample", "takes images [N, C, H, W], found \(x.type)", operands: [x])
    }
    let size: [Int]
    var factors: [Double]?
    switch target {
    case .size(let pair): size = pair.list
    case .factor(let factor):
      guard factor > 0, factor <= 65536 else {
        return x.builder.refuse(
          "upsample", "the factor must lie in (0, 65536], found \(factor)", operands: [x])
      }
      size = x.shape.dims.dropFirst(2).map { Int(min(Double($0) * factor, 1e12)) }
      if !recomputesFactor { factors = [factor, factor] }
    }
    return resize(
      x, size: size, mode: mode, alignsCorners: alignsCorners, factors: factors)
  }
}
