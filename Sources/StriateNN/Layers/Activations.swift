import StriateCore
import StriateIR

/// The positive part of each element (Fukushima, 1969; Nair and Hinton, 2010).
public struct ReLU: Layer {
  private let id = LayerID()

  /// A rectifier.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { relu(x) }
}

/// The hyperbolic tangent of each element.
public struct Tanh: Layer {
  private let id = LayerID()

  /// A hyperbolic tangent.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { tanh(x) }
}

/// The logistic function of each element, `1 / (1 + e⁻ˣ)`.
public struct Sigmoid: Layer {
  private let id = LayerID()

  /// A logistic function.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { sigmoid(x) }
}

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
