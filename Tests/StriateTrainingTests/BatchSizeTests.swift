import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// One value a channel under its batch norm for each sample: a batch of one cannot be learned from.
private struct Pooled: Layer {
  let conv = Conv2D(in: 1, out: 3, kernel: 4)
  let bn = BatchNorm2D(3)
  let fc = Linear(in: 3, out: 2)
  func forward(_ x: Tensor) -> Tensor { fc(relu(bn(conv(x))).flattened(from: 1)) }
}

/// Takes no input of the rings' shape, however many there are.
private struct Misfit: Layer {
  let fc = Linear(in: 5, out: 2)
  func forward(_ x: Tensor) -> Tensor { fc(x.flattened(from: 1)) }
}

/// What a training of so many rings saw: the sizes of its batches in the first epoch, and its warnings.
private struct Seen {
  var sizes: [Int] = []
  var warnings: [String] = []
  var steps = 0
}

private func train(
  _ count: Int, by model: some Layer = Pooled(), in folder: RunFolder, resuming: Bool = false,
  stopAfter stop: Int = .max, _ change: (inout TrainingConfig) -> Void
) throws -> Seen {
  nonisolated(unsafe) var seen = Seen()
  let data = DataSplits(
    train: Rings(count: count), test: Rings(count: 3, offset: 100), name: "rings", mean: [0],
    std: [1])
  var options = Trainer.Options()
  options.handlesSignals = false
  options.observe = { event in
    switch event {
    case .stepped(let report):
      seen.steps = report.step
      if report.epoch == 1 { seen.sizes.append(report.metrics.count) }
    case .warning(let text): seen.warnings.append(text)
    default: break
    }
  }
  options.shouldStop = { seen.steps >= stop }
  let config = tinyConfig {
    $0.epochs = 2
    $0.batchSize = 8
    change(&$0)
  }
  _ = try Trainer(model, data: data, config: config, on: .reference, options: options)
    .run(in: folder, resuming: resuming)
  return seen
}

@Suite struct BatchSizeTests {
  @Test(arguments: [
    (17, 8, DropLast.auto, [8, 9]), (17, 8, .on, [8, 8]), (16, 8, .off, [8, 8]),
    (18, 8, .auto, [8, 8, 2]), (18, 8, .off, [8, 8, 2]), (18, 8, .on, [8, 8]), (3, 8, .auto, [3]),
    (3, 2, .auto, [3]),
  ])
  func eachBatchCanBeLearnedFrom(
    _ count: Int, _ size: Int, _ drop: DropLast, _ sizes: [Int]
  ) throws {
    let seen = try train(count, in: Scratch().run("run")) {
      $0.batchSize = size
      $0.dropLast = drop
    }
    #expect(seen.sizes == sizes)
    // What is decided beyond the settings is said once.
    let joins = drop == .auto && count % size == 1
    #expect(seen.warnings.count == (joins ? 1 : 0), "\(seen.warnings)")
    if joins { #expect(seen.warnings[0].contains("it joins the one before")) }
  }

  @Test(arguments: [
    (17, 8, DropLast.off, "--drop-last auto joins it"), (17, 1, .auto, "at least 2"),
    (17, 1, .on, "at least 2"), (1, 8, .auto, "more training samples"),
    (5, 8, .on, "at most 5"),
  ])
  func whatCannotBeLearnedFromIsRefusedBeforeAnythingIsWritten(
    _ count: Int, _ size: Int, _ drop: DropLast, _ remedy: String
  ) throws {
    let scratch = try Scratch()
    let folder = scratch.run("run")
    let error = #expect(throws: TrainingError.self) {
      try train(count, in: folder) {
        $0.batchSize = size
        $0.dropLast = drop
      }
    }
    #expect(error?.code == .invalidSetting)
    #expect(error?.message.contains(remedy) == true, "\(String(describing: error))")
    #expect(!Folder.exists(folder.path))
  }

  @Test func batchNormsThatStayLearnFromOne() throws {
    let seen = try train(3, in: Scratch().run("run")) {
      $0.batchSize = 1
      $0.dropLast = .off
      $0.frozen = ["bn"]
    }
    #expect(seen.sizes == [1, 1, 1])
  }

  @Test func aModelThatCannotBeTracedLeavesNoFolder() throws {
    let scratch = try Scratch()
    let folder = scratch.run("run")
    #expect(throws: TraceError.self) { try train(17, by: Misfit(), in: folder) { _ in } }
    #expect(!Folder.exists(folder.path))
    // The way is free for the next try.
    _ = try train(17, in: folder) { _ in }
    #expect(Folder.exists(folder.path))
  }

  @Test(arguments: [1, 2, 3])
  func joinedBatchesResumeExactly(_ stop: Int) throws {
    let scratch = try Scratch()
    let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
    _ = try train(17, in: whole) { _ in }
    _ = try train(17, in: parts, stopAfter: stop) { _ in }
    _ = try train(17, in: parts, resuming: true) { _ in }
    for file in ["weights.safetensors", "optimizer.safetensors"] {
      #expect(
        try SHA256.hex(ofFile: "\(whole.path)/last/\(file)")
          == SHA256.hex(ofFile: "\(parts.path)/last/\(file)"))
    }
  }

  @Test func accumulatedStepsShareOutAllSamples() throws {
    // Batches of 4, 4, 4 and 5, two a step.
    let seen = try train(17, in: Scratch().run("run")) {
      $0.batchSize = 4
      $0.accumulation = 2
    }
    #expect(seen.sizes == [8, 9])
  }

  @Test func settingsKeepTheRule() throws {
    for rule in DropLast.allCases {
      let config = tinyConfig { $0.dropLast = rule }
      #expect(try TrainingConfig(config.json) == config)
    }
    // Runs of older versions do not mention it.
    var members = try #require(tinyConfig().json.object)
    members["drop_last"] = nil
    #expect(try TrainingConfig(.object(members)).dropLast == .auto)
  }

  @Test func lengthsInEpochsCountTheSameBatches() throws {
    let config = tinyConfig { $0.batchSize = 8 }
    #expect(try config.stepsPerEpoch(of: Rings(count: 17), by: Pooled()) == 2)
    #expect(try config.stepsPerEpoch(of: Rings(count: 17), by: Tiny()) == 3)
    #expect(
      try tinyConfig {
        $0.batchSize = 4
        $0.accumulation = 3
      }.stepsPerEpoch(of: Rings(count: 17), by: Pooled()) == 2)
  }
}
