import StriateCore
import StriateIR

/// Binary cross-entropy that looks away from what is easy: `α_t · (1 − p_t)^γ · (−log p_t)`.
///
/// `p_t` is the probability `σ(x)` that the answer gives to what is so, `α_t` is α for positives and 1 − α for the
/// others. Logits against 0 and 1 of their shape. Lin, Goyal, Girshick, He and Dollár, "Focal loss for dense
/// object detection", ICCV 2017, equation 5; torchvision's `sigmoid_focal_loss`.
public struct FocalLoss: Loss, Hashable {
  /// The weight of positives; nil weighs both alike, by 1.
  public var alpha: Double?
  /// How strongly easy elements are looked away from; 0 is cross-entropy.
  public var gamma: Double
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss; an alpha outside [0, 1] or a negative gamma is reported when it is traced.
  public init(alpha: Double? = 0.25, gamma: Double = 2, reduction: Reduction = .mean) {
    self.alpha = alpha
    self.gamma = gamma
    self.reduction = reduction
  }

  /// The loss of logits against 0 and 1 of their shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    guard gamma >= 0, gamma.isFinite, alpha.map({ $0 >= 0 && $0 <= 1 }) ?? true else {
      return output.builder.refuse(
        "focal_loss",
        "alpha must lie in [0, 1] and gamma be at least 0, found "
          + "\(alpha.map { "\($0)" } ?? "none") and \(gamma)", operands: [output])
    }
    guard let (x, t) = matched("focal_loss", output, target) else {
      return output.poisoned
    }
    let entropy = t * softplus(-x) + (1 - t) * softplus(x)
    // 1 − p_t without its cancellation: σ(−x) for positives, σ(x) for the others.
    let miss = t * sigmoid(-x) + (1 - t) * sigmoid(x)
    var losses = entropy
    if gamma == 2 {
      losses = losses * square(miss)
    } else if gamma > 0 {
      losses = losses * pow(miss, gamma)
    }
    if let alpha { losses = losses * (t * alpha + (1 - t) * (1 - alpha)) }
    return reduction(losses)
  }
}
