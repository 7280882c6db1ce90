import StriateCore
import StriateIR

/// Images resampled to another size, or by a factor.
///
/// `[N, C, H, W]` → `[N, C, H', W']`. The conventions are PyTorch's `Upsample`, see `Resize`; by a factor
/// `H' = ⌊factor·H⌋`, and positions are those of the resulting size.
public struct Upsample: Layer {
  /// How the size of the result is told.
  private enum Target: Sendable { case size(Pair), factor(Double) }

  private let id = LayerID()
  private let target: Target
  /// How neighbouring elements are weighted.
  public let mode: Resize.Mode
  /// Whether the first and last elements of both sides lie on each other.
  public let alignsCorners: Bool

  /// A resampling to these extents.
  public init(size: Pair, mode: Resize.Mode = .nearest, alignsCorners: Bool = false) {
    target = .size(size)
    self.mode = mode
    self.alignsCorners = alignsCorners
  }

  /// A resampling by a factor; one that is not positive is reported when it is traced.
  public init(by factor: Double, mode: Resize.Mode = .nearest, alignsCorners: Bool = false) {
    target = .factor(factor)
    self.mode = mode
    self.alignsCorners = alignsCorners
  }

  /// Maps `[N, C, H, W]` to `[N, C, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 4 else {
      return x.builder.refuse(
        "upsample", "takes images [N, C, H, W], found \(x.type)", operands: [x])
    }
    let size: [Int]
    switch target {
    case .size(let pair): size = pair.list
    case .factor(let factor):
      guard factor > 0, factor <= 65536 else {
        return x.builder.refuse(
          "upsample", "the factor must lie in (0, 65536], found \(factor)", operands: [x])
      }
      size = x.shape.dims.dropFirst(2).map { Int(min(Double($0) * factor, 1e12)) }
    }
    return resize(x, size: size, mode: mode, alignsCorners: alignsCorners)
  }
}
