import StriateCore
import StriateIR

/// The classes `[N, …]` of scores `[N, C, …]`, weighted or ignored: what losses against classes share.
struct ClassTarget {
  /// The classes (i32).
  let labels: Tensor
  /// The weight of every class `[C]`; nil counts all alike.
  let weight: Tensor?
  /// The weight of each label's class `[N, …]`, 0 where it is ignored.
  let ownWeight: Tensor?
  private let ignored: Tensor?

  /// Classes for scores; nil, with the refusal recorded, where they do not fit.
  init?(
    _ loss: String, _ target: Tensor, for scores: Tensor, weights: [Double]?, ignoring: Int?
  ) {
    let expected = Shape([scores.shape[0]] + scores.shape.dims.dropFirst(2))
    let isClass = target.dtype == .int32 || target.dtype == .int64
    guard scores.shape.rank >= 2, scores.shape[1] > 0, isClass, target.shape == expected else {
      _ = scores.builder.refuse(
        loss,
        "takes [N, C, …] and classes [N, …] (i32), found \(scores.type) and \(target.type)",
        operands: [scores, target])
      return nil
    }
    let labels = target.converted(to: .int32)
    self.labels = labels
    let ignored = ignoring.map { labels .== $0 }
    self.ignored = ignored
    guard let weights else {
      (weight, ownWeight) = (nil, nil)
      return
    }
    guard let weight = classWeights(loss, weights, scores) else { return nil }
    self.weight = weight
    let own = weight.gather(ignored.map { select($0, 0, labels) } ?? labels)
    ownWeight = ignored.map { select($0, 0.0, own) } ?? own
  }

  /// The score of each label's class `[N, …]`: NaN where there is no such class, 0 where it is ignored.
  func picked(_ scores: Tensor) -> Tensor {
    let safe = ignored.map { select($0, 0, labels) } ?? labels
    let picked = scores.gatherAlong(safe.expandingDims(at: 1), axis: 1).reshaped(labels.shape)
    return counted(picked)
  }

  /// For every class `[N, C, …]` 1 at the places of its label, else 0; NaN at all of a label that is no class, 0 where it is
  /// ignored.
  func hot(like scores: Tensor) -> Tensor {
    if scores.isPoisoned { return scores }
    let classes = scores.shape[1]
    let numbers = scores.builder.iota(classes).alongChannels(like: scores)
    let spread = labels.expandingDims(at: 1)
    let hot = (spread .== numbers).converted(to: scores.dtype)
    let isClass = (spread .> -1) .& (spread .< classes)
    return countedAlongClasses(select(isClass, hot, Double.nan))
  }

  /// Numbers `[N, C, …]` with 0 where the label is ignored.
  func countedAlongClasses(_ x: Tensor) -> Tensor {
    ignored.map { select($0.expandingDims(at: 1), 0.0, x) } ?? x
  }

  /// Losses `[N, …]` with 0 where the label is ignored.
  func counted(_ losses: Tensor) -> Tensor {
    ignored.map { select($0, 0.0, losses) } ?? losses
  }

  /// Losses `[N, …]`, 0 where they are ignored, reduced; a mean is over the weights of what counts.
  func reduced(_ losses: Tensor, by reduction: Reduction) -> Tensor {
    if losses.isPoisoned { return losses }
    let ones = losses.builder.fill(1, losses.type)
    guard reduction == .mean, let counts = ownWeight ?? ignored.map({ select($0, 0.0, ones) })
    else { return reduction(losses) }
    return losses.sum() / counts.sum()
  }
}

/// The weights of the classes of `[N, C, …]` as `[C]`; nil, with the refusal recorded, where they do not fit.
func classWeights(_ loss: String, _ weights: [Double], _ scores: Tensor) -> Tensor? {
  if scores.isPoisoned { return nil }
  guard weights.count == scores.shape[1], weights.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
    _ = scores.builder.refuse(
      loss,
      "takes a finite weight of at least 0 for each of the \(scores.shape[1]) classes, found "
        + "\(weights.count): \(weights.prefix(8))", operands: [scores])
    return nil
  }
  return scores.builder.constant(HostTensor(weights.map { Float($0) })).converted(to: scores.dtype)
}
