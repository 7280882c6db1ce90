import StriateCore
import StriateIR

/// The negative log-likelihood of classes under log-probabilities `[N, C]` or `[N, C, …]`.
///
/// `−w_y · x_y`; the mean divides by the sum of `w_y` over what is not ignored. PyTorch's `NLLLoss`, but nothing
/// is ignored unless asked. A label that is no class gives NaN.
public struct NegativeLogLikelihoodLoss: Loss, Hashable {
  /// The weight of each class; nil counts all alike.
  public var weights: [Double]?
  /// The label of samples or places that do not count.
  public var ignoring: Int?
  /// What becomes of the losses of all samples and places.
  public var reduction: Reduction

  /// A loss.
  public init(weights: [Double]? = nil, ignoring: Int? = nil, reduction: Reduction = .mean) {
    self.weights = weights
    self.ignoring = ignoring
    self.reduction = reduction
  }

  /// The loss of log-probabilities `[N, C, …]` against classes `[N, …]`.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    if output.isPoisoned { return output }
    if target.isPoisoned { return target }
    guard
      let target = ClassTarget(
        "negative_log_likelihood", target, for: output, weights: weights, ignoring: ignoring)
    else { return output.poisoned }
    let losses = -target.picked(output)
    return target.reduced(target.ownWeight.map { losses * $0 } ?? losses, by: reduction)
  }
}
