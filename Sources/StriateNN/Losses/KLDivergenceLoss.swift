import StriateCore
import StriateIR

/// The Kullback–Leibler divergence of log-probabilities from a target distribution: `t · (log t − x)`.
///
/// Output and target of one shape; where the target is 0 the loss is 0. The divergence of whole distributions is
/// the reduction `batchMean`; `mean` also divides by their length. PyTorch's `KLDivLoss`.
public struct KLDivergenceLoss: Loss, Hashable {
  /// Whether the target too is given as logarithms.
  public var takesLogTarget: Bool
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss.
  public init(takesLogTarget: Bool = false, reduction: Reduction = .batchMean) {
    self.takesLogTarget = takesLogTarget
    self.reduction = reduction
  }

  /// The loss of log-probabilities against a distribution of their shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    guard let (x, t) = matched("kl_divergence", output, target) else {
      return output.poisoned
    }
    if takesLogTarget { return reduction(exp(t) * (t - x)) }
    let logarithm = log(select(t .> 0.0, t, 1.0))
    return reduction(t * (logarithm - x))
  }
}
