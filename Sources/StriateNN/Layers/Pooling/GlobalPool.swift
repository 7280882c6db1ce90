import StriateCore
import StriateIR

/// The mean of each channel over space (Lin, Chen and Yan, "Network in network", 2014).
///
/// `[N, C, H, W]` → `[N, C]`.
public struct GlobalAveragePool: Layer {
  private let id = LayerID()

  /// A mean over space.
  public init() {}

  /// Maps `[N, C, H, W]` to `[N, C]`.
  public func forward(_ x: Tensor) -> Tensor {
    overSpace("global_average_pool", x) { $0.mean(over: $1) }
  }
}

/// The greatest element of each channel over space.
///
/// `[N, C, H, W]` → `[N, C]`; equal ones share the gradient.
public struct GlobalMaxPool: Layer {
  private let id = LayerID()

  /// A maximum over space.
  public init() {}

  /// Maps `[N, C, H, W]` to `[N, C]`.
  public func forward(_ x: Tensor) -> Tensor {
    overSpace("global_max_pool", x) { $0.max(over: $1) }
  }
}

private func overSpace(
  _ op: String, _ x: Tensor, _ reduce: (Tensor, [Int]) -> Tensor
) -> Tensor {
  if x.isPoisoned { return x }
  guard x.shape.rank >= 3 else {
    return x.builder.refuse(op, "takes images [N, C, …], found \(x.type)", operands: [x])
  }
  return reduce(x, Array(2..<x.shape.rank))
}
