/// The share of samples whose class is among the first answers: acc1, acc5.
///
/// Shares lie in 0…1. Of equal scores the first class is answered first. A label that is no class is not counted.
public struct TopKAccuracy: Sendable, Hashable {
  /// The numbers of answers that are asked about, such as 1 and 5.
  public let counts: [Int]
  /// The samples that were counted.
  public private(set) var samples = 0
  private var correct: [Int]

  /// Accuracies of the first so many answers.
  public init(_ counts: [Int] = [1, 5]) {
    self.counts = counts
    correct = counts.map { _ in 0 }
  }

  /// Counts a batch.
  public mutating func add(_ batch: ScoredBatch) {
    for rank in batch.ranks {
      guard let rank else { continue }
      samples += 1
      for (place, count) in counts.enumerated() where rank < count { correct[place] += 1 }
    }
  }

  /// Samples whose class is among the first `count` answers; nil where that was not asked about.
  public func correct(_ count: Int) -> Int? { counts.firstIndex(of: count).map { correct[$0] } }

  /// The share of samples whose class is among the first `count` answers; 0 where there is no sample.
  public subscript(count: Int) -> Double {
    guard let right = correct(count), samples > 0 else { return 0 }
    return Double(right) / Double(samples)
  }
}
