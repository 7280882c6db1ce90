import StriateCore
import StriateIR

/// The cross-entropy of logits against probabilities of their shape, each element a question of its own.
///
/// `w · (p·t·softplus(−x) + (1 − t)·softplus(x))`, which is `−w·(p·t·log σ(x) + (1 − t)·log(1 − σ(x)))` without
/// its overflow. The weights belong to the last axis, as PyTorch's broadcast. PyTorch's `BCEWithLogitsLoss`.
public struct BinaryCrossEntropyLoss: Loss, Hashable {
  /// The weight of each question `[C]`; nil counts all alike.
  public var weights: [Double]?
  /// The weight of each question's positive answers `[C]`: above 1 it favours recall.
  public var positiveWeights: [Double]?
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss.
  public init(
    weights: [Double]? = nil, positiveWeights: [Double]? = nil, reduction: Reduction = .mean
  ) {
    self.weights = weights
    self.positiveWeights = positiveWeights
    self.reduction = reduction
  }

  /// The loss of logits against probabilities of their shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    guard let (x, t) = matched("binary_cross_entropy", output, target) else {
      return output.poisoned
    }
    var positive = t * softplus(-x)
    if let positiveWeights {
      guard let weight = row(positiveWeights, x) else { return x.poisoned }
      positive = positive * weight
    }
    var losses = positive + (1 - t) * softplus(x)
    if let weights {
      guard let weight = row(weights, x) else { return x.poisoned }
      losses = losses * weight
    }
    return reduction(losses)
  }

  private func row(_ weights: [Double], _ x: Tensor) -> Tensor? {
    guard x.shape.rank >= 1, weights.count == x.shape[-1] || weights.count == 1,
      weights.allSatisfy({ $0.isFinite && $0 >= 0 })
    else {
      _ = x.builder.refuse(
        "binary_cross_entropy",
        "takes a finite weight of at least 0 for each of the \(x.shape[-1]) elements of the last axis, "
          + "found \(weights.count): \(weights.prefix(8))", operands: [x])
      return nil
    }
    return x.builder.constant(HostTensor(weights.map { Float($0) })).converted(to: x.dtype)
  }
}
