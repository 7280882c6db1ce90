import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a metric refused what it was given.
public struct MetricError: Error, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  public let message: String

  /// A refusal.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}

/// A classifier's scores for some samples, with the class of each: what the metrics here take in.
public struct ScoredBatch: Sendable {
  /// The number of classes.
  public let classes: Int
  /// The scores, a row of `classes` numbers a sample.
  public private(set) var scores: [Double]
  /// The class of each sample.
  public let labels: [Int]

  /// Rows of scores with their labels.
  ///
  /// - Throws: `MetricError` where there are not `classes` scores for each label.
  public init(_ scores: [Double], classes: Int, labels: [Int]) throws(MetricError) {
    let (wanted, overflow) = labels.count.multipliedReportingOverflow(by: max(classes, 0))
    guard classes >= 1, !overflow, scores.count == wanted else {
      throw MetricError(
        "expected \(classes) scores for each of \(labels.count) labels, found \(scores.count) scores"
      )
    }
    self.classes = classes
    self.scores = scores
    self.labels = labels
  }

  /// Scores `[N, C]` with labels `[N]`.
  ///
  /// - Throws: `MetricError` where the tensors have other shapes.
  public init(_ scores: HostTensor, labels: HostTensor) throws(MetricError) {
    guard scores.shape.rank == 2, labels.shape == [scores.shape[0]], !labels.dtype.isFloatingPoint
    else {
      throw MetricError(
        "expected scores [N, C] and whole labels [N], found \(scores.type) and \(labels.type)")
    }
    try self.init(
      scores.scalars(as: Double.self), classes: scores.shape[1],
      labels: labels.scalars(as: Int64.self).map { Int($0) })
  }

  /// The number of samples.
  public var count: Int { labels.count }

  /// The scores of a sample.
  func row(_ sample: Int) -> ArraySlice<Double> {
    scores[(sample * classes)..<((sample + 1) * classes)]
  }

  /// The class with the greatest score of each sample, the first of equals; NaN is below everything.
  public var answers: [Int] {
    labels.indices.map { sample in
      let row = row(sample)
      var best = row.startIndex
      for place in row.indices
      where row[place] > row[best] || (row[best].isNaN && !row[place].isNaN) {
        best = place
      }
      return best - row.startIndex
    }
  }

  /// How many classes are answered before the sample's own; nil where its label is no class.
  ///
  /// Of equal scores the first class is answered first. A sample whose own score is NaN comes last.
  public var ranks: [Int?] {
    labels.enumerated().map { sample, label in
      guard label >= 0, label < classes else { return nil }
      let row = row(sample)
      let own = row[row.startIndex + label]
      if own.isNaN { return classes - 1 }
      return row.indices.count {
        row[$0] > own || (row[$0] == own && $0 < row.startIndex + label)
      }
    }
  }

  /// The softmax of each row.
  public var probabilities: ScoredBatch {
    var result = self
    for sample in labels.indices {
      let greatest = row(sample).max() ?? 0
      let powers = row(sample).map { exp($0 - greatest) }
      let sum = powers.reduce(0, +)
      for (place, power) in powers.enumerated() {
        result.scores[sample * classes + place] = power / sum
      }
    }
    return result
  }
}
