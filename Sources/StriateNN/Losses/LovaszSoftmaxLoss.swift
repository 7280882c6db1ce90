import StriateCore
import StriateIR

/// The convex extension of the intersection over union to probabilities, by which it is optimised itself.
///
/// Of each class the errors `|t − p|` of all pixels of the batch in descending order, times the steps of the Jaccard loss
/// as they are added to what is wrong; the mean over the classes that occur, 0 where none does. Logits `[N, C, …]`
/// against classes `[N, …]`, `p` the softmax. Berman, Rannen Triki and Blaschko, "The Lovász-softmax loss", CVPR 2018,
/// algorithm 1; the authors' `lovasz_softmax` with `classes='present'`. A label that is no class gives NaN.
public struct LovaszSoftmaxLoss: Loss, Hashable {
  /// The label of pixels that do not count.
  public var ignoring: Int?

  /// A loss.
  public init(ignoring: Int? = nil) { self.ignoring = ignoring }

  /// The loss of logits `[N, C, …]` against classes `[N, …]`.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    if logits.isPoisoned || target.isPoisoned { return logits.isPoisoned ? logits : target }
    guard
      let target = ClassTarget(
        "lovasz_softmax", target, for: logits, weights: nil, ignoring: ignoring)
    else { return logits.poisoned }
    let (classes, rank) = (logits.shape[1], logits.shape.rank)
    func byClass(_ x: Tensor) -> Tensor {  // [C, pixels]
      x.transposed([1, 0] + Array(2..<rank)).reshaped([classes, x.shape.count / classes])
    }
    let hot = byClass(target.hot(like: logits))
    let errors = abs(hot - byClass(target.countedAlongClasses(softmax(logits, axis: 1))))
    let (sorted, order) = errors.sorted(axis: 1, descending: true)
    let so = hot.gatherAlong(order, axis: 1)
    let pixels = hot.sum(over: [1], keepingAxes: true)
    let left = pixels - so.cumulativeSum(axis: 1)
    let union = pixels + (1 - so).cumulativeSum(axis: 1)
    let jaccard = 1 - left / union
    let before = jaccard.padded(low: [0, 1], high: [0, 0]).slice(
      axis: 1, to: jaccard.shape[1])
    let losses = (sorted * (jaccard - before)).sum(over: [1])
    // Not `> 0`: where a label is no class, the number of pixels is NaN, and so must the loss be.
    let occurs = (pixels.reshaped([classes]) .!= 0.0)
    let count = maximum(occurs.converted(to: logits.dtype).sum(), 1.0)
    return select(occurs, losses, 0.0).sum() / count
  }
}
