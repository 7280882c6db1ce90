import StriateCore
import StriateIR

/// The cross-entropy of logits `[N, C]` or `[N, C, …]` against classes or probabilities.
///
/// Against classes `[N]` or `[N, …]` (integers) `−w_y · Σ_c t_c · log softmax(x)_c`, where the target `t` is 1
/// at the class `y`, or with smoothing `s` is `(1 − s) + s/C` there and `s/C` elsewhere (Szegedy et al., 2016,
/// section 7). The mean is weighted: it divides by the sum of `w_y` over what is not ignored. Against
/// probabilities of the logits' shape `−Σ_c w_c · t_c · log softmax(x)_c`, and the mean divides by the number of
/// samples and places. All as PyTorch's `CrossEntropyLoss`, but nothing is ignored unless asked. A label that is
/// no class gives NaN; so does a mean over nothing.
public struct CrossEntropyLoss: Loss, Hashable {
  /// The share of the target that is spread over all classes.
  public var smoothing: Double
  /// The weight of each class; nil counts all alike.
  public var weights: [Double]?
  /// The label of samples or places that do not count.
  public var ignoring: Int?
  /// What becomes of the losses of all samples and places.
  public var reduction: Reduction

  /// A loss.
  public init(
    smoothing: Double = 0, weights: [Double]? = nil, ignoring: Int? = nil,
    reduction: Reduction = .mean
  ) {
    self.smoothing = smoothing
    self.weights = weights
    self.ignoring = ignoring
    self.reduction = reduction
  }

  /// The loss of logits `[N, C, …]` against classes `[N, …]` or probabilities `[N, C, …]`.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    if logits.isPoisoned { return logits }
    if target.isPoisoned { return target }
    if target.dtype.isFloatingPoint { return soft(logits, target) }
    if logits.shape.rank == 2, weights == nil, ignoring == nil, target.dtype == .int32 {
      return reduction(crossEntropy(logits, labels: target, smoothing: smoothing))
    }
    guard
      let target = ClassTarget(
        "cross_entropy", target, for: logits, weights: weights, ignoring: ignoring)
    else { return logits.poisoned }
    guard let weight = target.weight, let own = target.ownWeight else {
      let losses = crossEntropy(
        logits, labels: target.labels, smoothing: smoothing, ignoring: ignoring)
      return target.reduced(losses, by: reduction)
    }
    guard smoothing >= 0, smoothing < 1 else { return refused(logits) }
    var losses = crossEntropy(logits, labels: target.labels, ignoring: ignoring) * own
    if smoothing > 0 {
      // The spread share weighs every class by its own weight.
      let share = smoothing / Double(logits.shape[1])
      let spread = -(logSoftmax(logits, axis: 1) * weight.alongChannels(like: logits)).sum(over: [1]
      )
      losses = losses * (1 - smoothing) + target.counted(spread) * share
    }
    return target.reduced(losses, by: reduction)
  }

  private func soft(_ logits: Tensor, _ target: Tensor) -> Tensor {
    guard let (logits, target) = matched("cross_entropy", logits, target) else {
      return logits.poisoned
    }
    guard logits.shape.rank >= 2, smoothing >= 0, smoothing < 1 else { return refused(logits) }
    var shares = target
    if smoothing > 0 {
      shares = shares * (1 - smoothing) + smoothing / Double(max(logits.shape[1], 1))
    }
    if let weights {
      guard let weight = classWeights("cross_entropy", weights, logits) else {
        return logits.poisoned
      }
      shares = shares * weight.alongChannels(like: shares)
    }
    return reduction(-(shares * logSoftmax(logits, axis: 1)).sum(over: [1]))
  }

  private func refused(_ logits: Tensor) -> Tensor {
    logits.builder.refuse(
      "cross_entropy",
      "takes logits [N, C, …] and a smoothing in [0, 1), found \(logits.type) and \(smoothing)",
      operands: [logits])
  }
}
