import StriateCore

/// Cuts a data set into batches and stages them ahead on threads of its own.
///
/// Which samples a batch holds is a function of the seed and the epoch alone: neither the number of
/// threads nor where an epoch is entered changes it.
///
/// ```swift
/// let loader = try Loader(splits.train, batchSize: 128, shuffle: true)
/// for epoch in 0..<10 {
///   let batches = loader.batches(epoch: epoch)
///   while let batch = try batches.next() { … }
/// }
/// ```
public struct Loader: Sendable {
  /// Where the samples come from.
  public let dataset: any Dataset
  /// Samples a batch.
  public let batchSize: Int
  /// Whether the order changes with the epoch; otherwise it is the data set's own.
  public let shuffle: Bool
  /// The seed of the order and of the samples' draws.
  public let seed: UInt64
  /// Threads that stage; 0 stages in the caller's.
  public let threads: Int
  /// Batches held ready at most, those being staged among them.
  public let prefetch: Int
  /// How the samples are cut into batches.
  public let cut: BatchCut

  /// A loader.
  ///
  /// - Parameters:
  ///   - shuffle: false for test data.
  ///   - threads: from 0, which stages in the caller's thread, to 256.
  ///   - prefetch: batches held ready at most, from 1 on; bounds the memory.
  ///   - rest: what becomes of samples that fill no whole batch at the end.
  /// - Throws: `DataError` where a number makes no sense.
  public init(
    _ dataset: any Dataset, batchSize: Int, shuffle: Bool = false, seed: UInt64 = 0,
    threads: Int = 1, prefetch: Int = 2, rest: BatchCut.Rest = .kept
  ) throws(DataError) {
    guard batchSize >= 1, prefetch >= 1, threads >= 0, threads <= 256 else {
      throw DataError(
        .invalidRequest,
        "expected batchSize and prefetch from 1 on and 0 to 256 threads, found \(batchSize), "
          + "\(prefetch) and \(threads)")
    }
    // Of one that others join nearly twice as many.
    let most = min(rest == .merged ? 2 * min(batchSize, 1 << 40) : batchSize, max(dataset.count, 1))
    let signature = dataset.signature
    let (bytes, overflow) = signature.byteCount.multipliedReportingOverflow(by: most)
    guard dataset.count >= 0, !overflow, bytes < 1 << 40, !signature.ports.isEmpty,
      signature.ports.allSatisfy({ $0.shape.dims.allSatisfy { $0 > 0 } })
    else {
      throw DataError(.dataset, "\(dataset.count) samples of \(signature) cannot be staged")
    }
    self.dataset = dataset
    self.batchSize = batchSize
    self.shuffle = shuffle
    self.seed = seed
    self.threads = threads
    self.prefetch = prefetch
    cut = BatchCut(dataset.count, batchSize: batchSize, rest: rest)
  }

  /// Batches an epoch.
  public var batchCount: Int { cut.batchCount }

  /// The samples of an epoch in their order.
  public func order(epoch: Int) -> [Int] {
    guard shuffle else { return Array(0..<dataset.count) }
    return SampleOrder.shuffled(
      dataset.count, by: RandomStream(seed: seed, "shuffle", epoch))
  }

  /// The batches of an epoch from one of them on.
  ///
  /// - Parameter from: the first batch wanted, as when a run is resumed.
  public func batches(epoch: Int, from: Int = 0) -> BatchStream {
    BatchStream(self, epoch: epoch, from: max(from, 0))
  }
}
