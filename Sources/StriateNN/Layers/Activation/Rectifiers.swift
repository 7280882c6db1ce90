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

/// The positive part of each element, at most 6: `min(max(x, 0), 6)`.
public struct ReLU6: Layer {
  private let id = LayerID()

  /// A clipped rectifier.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { relu6(x) }
}

/// A rectifier with a small slope below zero (Maas, Hannun and Ng, 2013).
public struct LeakyReLU: Layer {
  private let id = LayerID()
  /// The slope below zero.
  public let slope: Double

  /// A leaky rectifier.
  public init(slope: Double = 0.01) {
    self.slope = slope
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard slope.isFinite else {
      return x.builder.refuse(
        "leaky_relu", "the slope must be finite, found \(slope)", operands: [x])
    }
    return leakyReLU(x, slope: slope)
  }
}

/// `x` above zero, `α · (eˣ − 1)` below (Clevert, Unterthiner and Hochreiter, 2016).
public struct ELU: Layer {
  private let id = LayerID()
  /// How far the unit falls below zero.
  public let alpha: Double

  /// An exponential unit.
  public init(alpha: Double = 1) {
    self.alpha = alpha
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard alpha.isFinite else {
      return x.builder.refuse("elu", "alpha must be finite, found \(alpha)", operands: [x])
    }
    return elu(x, alpha: alpha)
  }
}

/// An exponential unit whose outputs keep mean 0 and variance 1 (Klambauer et al., 2017).
public struct SELU: Layer {
  private let id = LayerID()

  /// A scaled exponential unit.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { selu(x) }
}

/// `x` above zero, `α · (e^(x/α) − 1)` below (Barron, 2017).
public struct CELU: Layer {
  private let id = LayerID()
  /// How far the unit falls below zero; not 0.
  public let alpha: Double

  /// An exponential unit with a slope of 1 at zero.
  public init(alpha: Double = 1) {
    self.alpha = alpha
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard alpha.isFinite, alpha != 0 else {
      return x.builder.refuse(
        "celu", "alpha must be finite and not 0, found \(alpha)", operands: [x])
    }
    return celu(x, alpha: alpha)
  }
}
