/// How well scores put positives before negatives, whatever the threshold.
///
/// Equal scores are one threshold. NaN counts as the least score.
public struct Ranking: Sendable {
  /// The positives and negatives at each threshold, the greatest score first.
  private let steps: [(positives: Int, negatives: Int)]
  /// The number of positives.
  public let positives: Int
  /// The number of negatives.
  public let negatives: Int

  /// A ranking of scores; of lists of different lengths, the shorter one counts.
  public init(_ scores: [Double], isPositive: [Bool]) {
    let pairs = zip(scores, isPositive).map { (score: $0.isNaN ? -.infinity : $0, isPositive: $1) }
    let order = pairs.sorted { $0.score > $1.score }
    var steps: [(positives: Int, negatives: Int)] = []
    var last: Double?
    for pair in order {
      if last != pair.score { steps.append((0, 0)) }
      last = pair.score
      if pair.isPositive {
        steps[steps.count - 1].positives += 1
      } else {
        steps[steps.count - 1].negatives += 1
      }
    }
    self.steps = steps
    positives = steps.reduce(0) { $0 + $1.positives }
    negatives = steps.reduce(0) { $0 + $1.negatives }
  }

  /// The area under the receiver operating characteristic: the probability that a positive scores above a
  /// negative, ties counting half.
  ///
  /// Nil without positives or without negatives, where scikit-learn's `roc_auc_score` warns and gives NaN.
  public var auroc: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    var (above, wins) = (0, 0.0)
    for step in steps {
      wins += Double(step.negatives) * (Double(above) + Double(step.positives) / 2)
      above += step.positives
    }
    return wins / (Double(positives) * Double(negatives))
  }

  /// The area under precision over recall as a sum of steps, `Σ (R_n − R_{n−1})·P_n`, not interpolated:
  /// scikit-learn's `average_precision_score`.
  ///
  /// Nil without positives, where scikit-learn warns and gives 0.
  public var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var (right, answers, sum) = (0, 0, 0.0)
    for step in steps {
      right += step.positives
      answers += step.positives + step.negatives
      sum += Double(step.positives) * (Double(right) / Double(answers))
    }
    return sum / Double(positives)
  }
}
