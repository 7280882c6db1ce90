import StriateCore
import StriateIR

/// The hyperbolic tangent of each element.
public struct Tanh: Layer {
  private let id = LayerID()

  /// A hyperbolic tangent.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { tanh(x) }
}

/// `1.7159 · tanh(2x/3)`, LeNet-5's squashing function, which maps ±1 to ±1.
///
/// LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 4.4.
public struct ScaledTanh: Layer {
  private let id = LayerID()

  /// A scaled hyperbolic tangent.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { scaledTanh(x) }
}

/// The logistic function of each element, `1 / (1 + e⁻ˣ)`.
public struct Sigmoid: Layer {
  private let id = LayerID()

  /// A logistic function.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { sigmoid(x) }
}

/// The logarithm of the logistic function of each element, which overflows nowhere.
public struct LogSigmoid: Layer {
  private let id = LayerID()

  /// A logarithm of the logistic function.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { logSigmoid(x) }
}

/// `log(1 + e^(βx)) / β`, a smooth rectifier (Dugas et al., 2001).
public struct Softplus: Layer {
  private let id = LayerID()
  /// How sharp the bend at zero is.
  public let beta: Double
  /// From which `βx` on the result is `x` itself.
  public let threshold: Double

  /// A smooth rectifier; a beta of 0 is reported when it is traced.
  public init(beta: Double = 1, threshold: Double = 20) {
    self.beta = beta
    self.threshold = threshold
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard beta.isFinite, beta != 0, !threshold.isNaN else {
      return x.builder.refuse(
        "softplus", "beta must be finite and not 0, found \(beta)", operands: [x])
    }
    return softplus(x, beta: beta, threshold: threshold)
  }
}

/// `x / (1 + |x|)` (Bergstra et al., 2009).
public struct Softsign: Layer {
  private let id = LayerID()

  /// A squashing by division.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { softsign(x) }
}

/// `x · Φ(x)`, Φ the normal distribution's (Hendrycks and Gimpel, 2016).
public struct GELU: Layer {
  private let id = LayerID()
  /// Whether a tanh stands in for the error function.
  public let approximate: Bool

  /// A Gaussian error unit.
  public init(approximate: Bool = false) {
    self.approximate = approximate
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { gelu(x, approximate: approximate) }
}

/// `x · σ(x)`, also called swish (Elfwing, Uchibe and Doya, 2017).
public struct SiLU: Layer {
  private let id = LayerID()

  /// A sigmoid-weighted unit.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { silu(x) }
}

/// `x · tanh(softplus(x))` (Misra, 2019).
public struct Mish: Layer {
  private let id = LayerID()

  /// A Mish unit.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { mish(x) }
}

/// Elements made probabilities along an axis, `eˣ / Σ eˣ`, or their logarithms.
///
/// Called so because `Softmax` is the operation. Train on logits: `CrossEntropyLoss` takes its own softmax.
public struct SoftmaxLayer: Layer {
  private let id = LayerID()
  /// The axis along which the results sum to 1.
  public let axis: Int
  /// Whether the logarithm is taken.
  public let isLog: Bool

  /// A softmax along an axis, the channels by default.
  public init(axis: Int = 1, log isLog: Bool = false) {
    self.axis = axis
    self.isLog = isLog
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    isLog ? logSoftmax(x, axis: axis) : softmax(x, axis: axis)
  }
}
