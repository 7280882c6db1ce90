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
    /// Every class counts alike; what of one that is absent, `AbsentClasses` says.
    case macro
    /// Every sample and answer counts alike.
    case micro
    /// Classes count by their samples.
    case weighted
  }

  /// What of a class that neither occurs nor is answered in a macro average.
  public enum AbsentClasses: String, Sendable, Hashable, CaseIterable {
    /// It is left out: scikit-learn's default, whose labels are those that are seen.
    case omit
    /// It counts as 0: scikit-learn's with `labels` naming every class and `zero_division=0`.
    case zero
  }

  /// The classes that occur or are answered.
  public var seenClasses: Int { zip(support, answers).count { $0 > 0 || $1 > 0 } }

  /// Precision, recall and F1 of every class, as scikit-learn's with `zero_division=0`.
  public var report: [ClassScores] {
    (0..<classes).map { scores(correct[$0], answers: answers[$0], support: support[$0]) }
  }

  /// An average over classes: scikit-learn's with `zero_division=0`.
  ///
  /// A class that occurs and is never answered, or is answered and never occurs, counts with a precision, recall and F1
  /// of 0 in either way.
  ///
  /// - Parameter absent: what of classes that do neither, which only a macro average depends on.
  public func average(_ average: Average, absent: AbsentClasses = .omit) -> ClassScores {
    let total = support.reduce(0, +)
    if average == .micro {
      return scores(correct.reduce(0, +), answers: answers.reduce(0, +), support: total)
    }
    let weights =
      average == .macro
      ? zip(support, answers).map { absent == .zero || $0 > 0 || $1 > 0 ? 1.0 : 0 }
      : support.map(Double.init)
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
