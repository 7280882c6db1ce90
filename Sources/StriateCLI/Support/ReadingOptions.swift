import ArgumentParser
import Striate

/// Which samples of trained weights' data are read, and how fast.
struct ReadingOptions: ParsableArguments {
  @Option(help: "Images at once.")
  var batchSize: Int?

  @Option(help: "The share of the training samples that is held out, and tested on.")
  var valSplit: Double?

  @Option(help: "The seed that chooses what is held out, a training's own to find its own (0).")
  var seed: UInt64 = 0

  @Option(help: "Threads that read images; by default as many as there are cores.")
  var workers: Int?

  func validate() throws {
    if let batchSize, batchSize < 1 {
      throw ValidationError("--batch-size must be at least 1, found \(batchSize)")
    }
    if let workers, !(0...256).contains(workers) {
      throw ValidationError("--workers must be from 0 to 256, found \(workers)")
    }
    if let valSplit, !(valSplit > 0 && valSplit < 1) {
      throw ValidationError("--val-split must be between 0 and 1, found \(valSplit)")
    }
  }

  /// The threads that read data: one is enough where nothing is decoded.
  func threads(for data: DataSplits) -> Int {
    workers ?? (data.preprocessing == nil ? 1 : CPUBackend.availableCores)
  }
}
