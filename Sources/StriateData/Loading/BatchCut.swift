/// How samples in their order are cut into batches: the one place that counts batches.
public struct BatchCut: Sendable, Hashable {
  /// What becomes of the samples that fill no whole batch at the end.
  public enum Rest: String, Sendable, Hashable {
    /// They make a smaller batch.
    case kept
    /// They are left out; which ones changes with the order.
    case dropped
    /// They join the batch before them; alone they make a smaller one.
    case merged
  }

  /// Samples that are there.
  public let count: Int
  /// Samples a batch.
  public let batchSize: Int
  /// What becomes of those that fill no whole batch.
  public let rest: Rest

  /// A cut of so many samples.
  public init(_ count: Int, batchSize: Int, rest: Rest = .kept) {
    self.count = max(count, 0)
    self.batchSize = max(batchSize, 1)
    self.rest = rest
  }

  /// Samples that fill no whole batch.
  public var restCount: Int { count % batchSize }

  /// Batches in all.
  public var batchCount: Int {
    let whole = count / batchSize
    if restCount == 0 { return whole }
    switch rest {
    case .kept: return whole + 1
    case .dropped: return whole
    case .merged: return max(whole, 1)
    }
  }

  /// Samples that lie in batches.
  public var usedCount: Int { rest == .dropped ? count - restCount : count }

  /// The places in the order that some of the batches hold.
  public func samples(in batches: Range<Int>) -> Range<Int> {
    func start(_ batch: Int) -> Int {
      batch >= batchCount ? usedCount : max(batch, 0) * batchSize
    }
    return start(batches.lowerBound)..<start(batches.upperBound)
  }

  /// The places in the order that a batch holds.
  public func samples(in batch: Int) -> Range<Int> { samples(in: batch..<batch + 1) }
}
