import StriateCore
import StriateIR

/// Cross-entropy over classes that looks away from what is easy: `−w_y · (1 − p_y)^γ · log p_y`, `p` the softmax.
///
/// Logits `[N, C]` or `[N, C, …]` against classes; with γ = 0 it is `CrossEntropyLoss`, and its mean too is weighted.
/// `FocalLoss` asks a question an element. Lin, Goyal, Girshick, He and Dollár, "Focal loss for dense object detection",
/// ICCV 2017. A label that is no class gives NaN; so does a mean over nothing.
public struct SoftmaxFocalLoss: Loss, Hashable {
  /// How strongly easy pixels are looked away from: 0, or 1 or more.
  public var gamma: Double
  /// The weight of each class; nil counts all alike.
  public var weights: [Double]?
  /// The label of samples or places that do not count.
  public var ignoring: Int?
  /// What becomes of the losses of all samples and places.
  public var reduction: Reduction

  /// A loss; a gamma below 1 but 0 is reported when it is traced, its gradient has no bound.
  public init(
    gamma: Double = 2, weights: [Double]? = nil, ignoring: Int? = nil, reduction: Reduction = .mean
  ) {
    self.gamma = gamma
    self.weights = weights
    self.ignoring = ignoring
    self.reduction = reduction
  }

  /// The loss of logits `[N, C, …]` against classes `[N, …]`.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    if logits.isPoisoned || target.isPoisoned { return logits.isPoisoned ? logits : target }
    guard gamma == 0 || (gamma >= 1 && gamma.isFinite) else {
      return logits.builder.refuse(
        "softmax_focal", "gamma must be 0, or 1 or more, found \(gamma)", operands: [logits])
    }
    guard
      let target = ClassTarget(
        "softmax_focal", target, for: logits, weights: weights, ignoring: ignoring)
    else { return logits.poisoned }
    let logarithm = target.picked(logSoftmax(logits, axis: 1))
    var losses = -logarithm
    if gamma > 0 {
      let miss = -expm1(logarithm)  // 1 − p without its cancellation
      losses = losses * (gamma == 2 ? square(miss) : gamma == 1 ? miss : pow(miss, gamma))
    }
    return target.reduced(target.ownWeight.map { losses * $0 } ?? losses, by: reduction)
  }
}

/// Losses added up, each by a weight of its own: cross-entropy and Dice, say.
public struct SummedLoss: Loss {
  /// The losses with their weights.
  public let terms: [(weight: Double, loss: any Loss)]

  /// A sum; of no losses it is refused when it is traced.
  public init(_ terms: (weight: Double, loss: any Loss)...) { self.terms = terms }

  /// The sum of the losses of an output against a target.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    let losses = terms.map { $0.loss(output, target) * $0.weight }
    guard let first = losses.first else {
      return output.builder.refuse("summed_loss", "takes at least one loss", operands: [output])
    }
    return losses.dropFirst().reduce(first) { $0 + $1 }
  }
}
