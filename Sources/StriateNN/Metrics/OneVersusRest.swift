/// AUROC and AUPRC of every class against all others.
///
/// It keeps the scores of all samples, in double precision: `8·N·C` bytes. Give it probabilities (a softmax), not
/// logits, as scikit-learn's `multi_class="ovr"` asks: logits of different samples do not compare.
public struct OneVersusRest: Sendable {
  /// The number of classes.
  public let classes: Int
  private var scores: [Double] = []
  private var labels: [Int] = []

  /// An empty collection for this many classes; none for a negative number.
  public init(classes: Int) { self.classes = max(classes, 0) }

  /// The number of samples.
  public var samples: Int { labels.count }

  /// Keeps a batch; samples whose label is no class count as negatives of all.
  ///
  /// - Throws: `MetricError` where the batch has another number of classes.
  public mutating func add(_ batch: ScoredBatch) throws(MetricError) {
    guard batch.classes == classes else {
      throw MetricError("expected scores of \(classes) classes, found \(batch.classes)")
    }
    scores += batch.scores
    labels += batch.labels
  }

  /// The ranking of all samples by a class's score; empty where there is no such class.
  public func ranking(of index: Int) -> Ranking {
    guard index >= 0, index < classes else { return Ranking([], isPositive: []) }
    return Ranking(
      labels.indices.map { scores[$0 * classes + index] },
      isPositive: labels.map { $0 == index })
  }

  /// AUROC and AUPRC of every class; nil where a class has none, see `Ranking`.
  public var perClass: [(auroc: Double?, auprc: Double?)] {
    (0..<classes).map { index in
      let ranking = ranking(of: index)
      return (ranking.auroc, ranking.averagePrecision)
    }
  }

  /// The mean of the classes that have a number; nil where none has: scikit-learn's `average="macro"`.
  public static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}
