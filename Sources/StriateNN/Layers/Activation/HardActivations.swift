import StriateCore
import StriateIR

/// Each element clipped to a range (Collobert, 2004).
public struct HardTanh: Layer {
  private let id = LayerID()
  /// The least result.
  public let low: Double
  /// The greatest result.
  public let high: Double

  /// A clipping; bounds out of order are reported when it is traced.
  public init(low: Double = -1, high: Double = 1) {
    self.low = low
    self.high = high
  }

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor {
    guard low <= high else {
      return x.builder.refuse(
        "hard_tanh", "the bounds must be in order, found \(low) and \(high)", operands: [x])
    }
    return hardTanh(x, low: low, high: high)
  }
}

/// `relu6(x + 3) / 6`, the logistic function in straight lines (MobileNetV3, 2019).
public struct HardSigmoid: Layer {
  private let id = LayerID()

  /// A logistic function in straight lines.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { hardSigmoid(x) }
}

/// `x · relu6(x + 3) / 6` (MobileNetV3, 2019, section 5.2).
public struct HardSwish: Layer {
  private let id = LayerID()

  /// A swish in straight lines.
  public init() {}

  /// Maps any shape to the same.
  public func forward(_ x: Tensor) -> Tensor { hardSwish(x) }
}
