import StriateCore

/// The batches of one epoch, taken one after the other from one thread.
///
/// Letting go of it before the end stops its threads; that waits for the samples being read.
public final class BatchStream {
  /// Batches of the epoch, also those before the first one wanted.
  public let batchCount: Int
  private let staging: Staging
  private var workers: [WorkerThread] = []
  private let isThreaded: Bool

  init(_ loader: Loader, epoch: Int, from: Int) {
    batchCount = loader.batchCount
    let staging = Staging(loader, epoch: epoch, from: from)
    self.staging = staging
    let wanted = min(loader.threads, max(batchCount - from, 0))
    for _ in 0..<wanted {
      // Where the system gives no thread, those there are do the work.
      guard let worker = WorkerThread({ staging.work() }) else { break }
      workers.append(worker)
    }
    isThreaded = !workers.isEmpty
  }

  deinit { stop() }

  /// The next batch; nil after the last.
  ///
  /// - Throws: `DataError` where a sample could not be read; after it there are no more batches.
  public func next() throws -> Batch? {
    do {
      if let batch = try isThreaded ? staging.take() : staging.stageNext() { return batch }
    } catch {
      stop()
      throw error
    }
    stop()
    return nil
  }

  /// Stops the threads; there are no more batches.
  public func stop() {
    staging.cancel()
    for worker in workers { worker.join() }
    workers = []
  }
}

/// What the threads of a stream share; every property is used under the lock, or never changes.
private final class Staging: @unchecked Sendable {
  private let loader: Loader
  private let order: [Int]
  private let draw: SampleDraw
  private let condition = Condition()
  private var nextToStage: Int
  private var nextToTake: Int
  private var end: Int
  private var ready: [Int: Result<Batch, any Error>] = [:]
  private var isCancelled = false

  init(_ loader: Loader, epoch: Int, from: Int) {
    self.loader = loader
    order = loader.order(epoch: epoch)
    draw = SampleDraw(seed: loader.seed, epoch: epoch)
    end = loader.batchCount
    nextToStage = min(from, end)
    nextToTake = min(from, end)
  }

  /// What each thread does: claims the next batch while there is room, stages it, hands it over.
  func work() {
    while let position = claim() {
      let result = Result { try stage(position) }
      condition.locked {
        switch result {
        case .success(let batch?): ready[position] = .success(batch)
        case .success(nil): break
        case .failure(let error):
          ready[position] = .failure(error)
          end = min(end, position + 1)
        }
        condition.wakeAll()
      }
    }
  }

  private func claim() -> Int? {
    condition.locked {
      while !isCancelled, nextToStage < end, nextToStage - nextToTake >= loader.prefetch {
        condition.wait()
      }
      guard !isCancelled, nextToStage < end else { return nil }
      nextToStage += 1
      return nextToStage - 1
    }
  }

  /// The batch whose turn it is, waited for.
  func take() throws -> Batch? {
    try condition.locked {
      while !isCancelled, nextToTake < end, ready[nextToTake] == nil { condition.wait() }
      guard !isCancelled, let result = ready.removeValue(forKey: nextToTake) else { return nil }
      nextToTake += 1
      condition.wakeAll()
      return try result.get()
    }
  }

  /// The batch whose turn it is, staged in the caller's thread.
  func stageNext() throws -> Batch? {
    let position = condition.locked { () -> Int? in
      guard !isCancelled, nextToTake < end else { return nil }
      nextToTake += 1
      return nextToTake - 1
    }
    return try position.flatMap { try stage($0) }
  }

  func cancel() {
    condition.locked {
      isCancelled = true
      ready = [:]
      condition.wakeAll()
    }
  }

  private func stage(_ position: Int) throws -> Batch? {
    try Batch.stage(
      loader.dataset, indices: Array(order[loader.cut.samples(in: position)]), position: position,
      draw: draw, isCancelled: { condition.locked { isCancelled } })
  }
}
