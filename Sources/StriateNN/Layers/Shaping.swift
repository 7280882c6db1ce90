import StriateCore
import StriateIR

/// Its input.
public struct Identity: Layer {
  private let id = LayerID()

  /// A layer that changes nothing.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { x }
}

/// All axes from one onwards joined into one.
///
/// `[N, C, H, W]` → `[N, C·H·W]`.
public struct Flatten: Layer {
  private let id = LayerID()
  /// The first axis that is joined.
  public let axis: Int

  /// A layer that joins axes; by default all but the batch.
  public init(from axis: Int = 1) { self.axis = axis }

  /// Maps `[N, C, H, W]` to `[N, C·H·W]`.
  public func forward(_ x: Tensor) -> Tensor { x.flattened(from: axis) }
}
