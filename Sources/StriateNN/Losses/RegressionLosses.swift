import StriateCore
import StriateIR

/// The squared difference, `(x − t)²`: PyTorch's `MSELoss`.
public struct MeanSquaredErrorLoss: Loss, Hashable {
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }

  /// The loss of an output against a target of its shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    compared("mean_squared_error", output, target) { reduction(square($0)) }
  }
}

/// The absolute difference, `|x − t|`: PyTorch's `L1Loss`.
public struct L1Loss: Loss, Hashable {
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }

  /// The loss of an output against a target of its shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    compared("l1_loss", output, target) { reduction(abs($0)) }
  }
}

/// Squared near the target, absolute far from it: `d²/2` where `|d| < δ`, else `δ·(|d| − δ/2)`.
///
/// Huber, "Robust estimation of a location parameter", 1964; PyTorch's `HuberLoss`.
public struct HuberLoss: Loss, Hashable {
  /// The difference from which on the loss grows linearly.
  public var delta: Double
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss; a delta that is not positive is reported when it is traced.
  public init(delta: Double = 1, reduction: Reduction = .mean) {
    self.delta = delta
    self.reduction = reduction
  }

  /// The loss of an output against a target of its shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    guard delta > 0, delta.isFinite else {
      return output.builder.refuse(
        "huber_loss", "delta must be positive, found \(delta)", operands: [output])
    }
    return compared("huber_loss", output, target) { difference in
      let size = abs(difference)
      let near = square(difference) * 0.5
      return reduction(select(size .< delta, near, (size - delta / 2) * delta))
    }
  }
}

/// Squared near the target, absolute far from it: `d²/2β` where `|d| < β`, else `|d| − β/2`.
///
/// Girshick, "Fast R-CNN", ICCV 2015, equation 3 (β = 1); PyTorch's `SmoothL1Loss`. With β = 0 it is `L1Loss`.
public struct SmoothL1Loss: Loss, Hashable {
  /// The difference from which on the loss grows with slope 1.
  public var beta: Double
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss; a negative beta is reported when it is traced.
  public init(beta: Double = 1, reduction: Reduction = .mean) {
    self.beta = beta
    self.reduction = reduction
  }

  /// The loss of an output against a target of its shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    guard beta >= 0, beta.isFinite else {
      return output.builder.refuse(
        "smooth_l1_loss", "beta must be at least 0, found \(beta)", operands: [output])
    }
    if beta == 0 { return L1Loss(reduction: reduction)(output, target) }
    return compared("smooth_l1_loss", output, target) { difference in
      let size = abs(difference)
      return reduction(
        select(size .< beta, square(difference) * (0.5 / beta), size - beta / 2))
    }
  }
}

/// The loss of the difference of two tensors of one shape.
private func compared(
  _ name: String, _ output: Tensor, _ target: Tensor, _ loss: (Tensor) -> Tensor
) -> Tensor {
  guard let (x, t) = matched(name, output, target) else {
    return output.poisoned
  }
  return loss(x - t)
}
