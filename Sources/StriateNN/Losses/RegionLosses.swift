import StriateCore
import StriateIR

/// How little the probabilities of each class cover its pixels: `1 − mean over classes of (2·Σpt + s) / (Σp + Σt + s)`.
///
/// Logits `[N, C, …]` against classes `[N, …]`; the sums are over the whole batch, `p` is the softmax and `t` 1 at the
/// class. Milletari, Navab and Ahmadi, "V-Net", 3DV 2016, with `p` and not its square below; smp's `DiceLoss` has no
/// smoothing by default and leaves classes out that the batch does not show. A label that is no class gives NaN.
public struct DiceLoss: Loss, Hashable {
  /// What is added above and below, so that a class that is neither there nor answered costs nothing.
  public var smoothing: Double
  /// The label of pixels that do not count.
  public var ignoring: Int?

  /// A loss; a smoothing that is not positive is reported when it is traced.
  public init(smoothing: Double = 1, ignoring: Int? = nil) {
    self.smoothing = smoothing
    self.ignoring = ignoring
  }

  /// The loss of logits `[N, C, …]` against classes `[N, …]`.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    covered("dice_loss", logits, target, smoothing, ignoring) { both, answered, so in
      (both * 2 + smoothing) / (answered + so + smoothing)
    }
  }
}

/// One minus the mean over the classes of a soft intersection over union: `(Σpt + s) / (Σp + Σt − Σpt + s)`.
///
/// As `DiceLoss` otherwise. Rahman and Wang, "Optimizing intersection-over-union in deep neural networks for image
/// segmentation", ISVC 2016.
public struct JaccardLoss: Loss, Hashable {
  /// What is added above and below, so that a class that is neither there nor answered costs nothing.
  public var smoothing: Double
  /// The label of pixels that do not count.
  public var ignoring: Int?

  /// A loss; a smoothing that is not positive is reported when it is traced.
  public init(smoothing: Double = 1, ignoring: Int? = nil) {
    self.smoothing = smoothing
    self.ignoring = ignoring
  }

  /// The loss of logits `[N, C, …]` against classes `[N, …]`.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    covered("jaccard_loss", logits, target, smoothing, ignoring) { both, answered, so in
      (both + smoothing) / (answered + so - both + smoothing)
    }
  }
}

/// One minus the mean over the classes of a score made of the sums Σpt, Σp and Σt of each.
private func covered(
  _ name: String, _ logits: Tensor, _ target: Tensor, _ smoothing: Double, _ ignoring: Int?,
  _ score: (_ both: Tensor, _ answered: Tensor, _ so: Tensor) -> Tensor
) -> Tensor {
  if logits.isPoisoned || target.isPoisoned { return logits.isPoisoned ? logits : target }
  guard smoothing > 0, smoothing.isFinite else {
    return logits.builder.refuse(
      name, "the smoothing must be positive, found \(smoothing)", operands: [logits])
  }
  guard let target = ClassTarget(name, target, for: logits, weights: nil, ignoring: ignoring)
  else { return logits.poisoned }
  let p = target.countedAlongClasses(softmax(logits, axis: 1))
  let t = target.hot(like: logits)
  let axes = [0] + Array(2..<logits.shape.rank)
  return 1 - score((p * t).sum(over: axes), p.sum(over: axes), t.sum(over: axes)).mean()
}
