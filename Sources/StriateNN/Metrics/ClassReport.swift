/// Precision, recall and F1 of one class, or their average.
public struct ClassScores: Sendable, Hashable {
  /// The share of the answers naming the class that were right; 0 where none named it.
  public var precision: Double
  /// The share of the class's samples that were answered with it; 0 where it has none.
  public var recall: Double
  /// The harmonic mean of precision and recall; 0 where both are 0.
  public var f1: Double
  /// The number of the class's samples; of an average, of all samples.
  public var support: Int

  /// Scores.
  public init(precision: Double, recall: Double, f1: Double, support: Int) {
    self.precision = precision
    self.recall = recall
    self.f1 = f1
    self.support = support
  }
}

extension ConfusionMatrix {
  /// How the scores of classes become one.
  public enum Average: String, Sendable, Hashable, CaseIterable {
    /// Every class counts alike, also one without samples.
    case macro
    /// Every sample and answer counts alike.
    case micro
    /// Classes count by their samples.
    case weighted
  }

  /// Precision, recall and F1 of every class, as scikit-learn's with `zero_division=0`.
  public var report: [ClassScores] {
    (0..<classes).map { scores(correct[$0], answers: answers[$0], support: support[$0]) }
  }

  /// An average over all classes: scikit-learn's with `labels` naming every class and `zero_division=0`.
  public func average(_ average: Average) -> ClassScores {
    let total = support.reduce(0, +)
    if average == .micro {
      return scores(correct.reduce(0, +), answers: answers.reduce(0, +), support: total)
    }
    let weights = average == .macro ? support.map { _ in 1.0 } : support.map(Double.init)
    let sum = weights.reduce(0, +)
    var mean = ClassScores(precision: 0, recall: 0, f1: 0, support: total)
    guard sum > 0 else { return mean }
    for (weight, scores) in zip(weights, report) {
      mean.precision += weight / sum * scores.precision
      mean.recall += weight / sum * scores.recall
      mean.f1 += weight / sum * scores.f1
    }
    return mean
  }

  private func scores(_ correct: Int, answers: Int, support: Int) -> ClassScores {
    ClassScores(
      precision: share(correct, answers), recall: share(correct, support),
      f1: share(2 * correct, answers + support), support: support)
  }
}
