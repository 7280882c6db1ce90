import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A layer whose logarithm meets a negative number when a sample is marked.
private struct Fragile: Layer {
  let head = Head()
  let fc = Linear(in: 16, out: 2)

  struct Head: Layer {
    let id = LayerID()
    func forward(_ x: Tensor) -> Tensor { log(x + 1) }
  }

  func forward(_ x: Tensor) -> Tensor { fc(head(x.flattened(from: 1))) }
}

private struct Marked: SampleDataset {
  let count = 12
  let inputShape: Shape = [1, 4, 4]
  let classNames = ["a", "b"]
  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    ([Float](repeating: index == 7 ? -2 : 0.5, count: 16), index % 2)
  }
}

@Test func aNaNNamesItsOpLayerAndStep() throws {
  let scratch = try Scratch()
  let data = DataSplits(train: Marked(), test: Rings(), name: "marked", mean: [0], std: [1])
  var options = Trainer.Options()
  options.handlesSignals = false
  options.checkpointEvery = 1
  nonisolated(unsafe) var steps = 0
  options.observe = { if case .stepped = $0 { steps += 1 } }
  let trainer = try Trainer(
    Fragile(), data: data, config: tinyConfig { $0.batchSize = 1 }, on: .reference,
    options: options)
  let error = #expect(throws: TrainingError.self) { try trainer.run(in: scratch.run("run")) }
  #expect(error?.code == .notFinite)
  #expect(error?.layer == "head")
  #expect(error?.step == steps + 1)
  #expect(error?.message.contains("head: log") == true, "\(String(describing: error))")
}

@Test func anInfiniteInputIsNamed() throws {
  let scratch = try Scratch()
  let data = DataSplits(
    train: Rings(bad: 3), test: Rings(), name: "bad", mean: [0], std: [1])
  let error = #expect(throws: TrainingError.self) {
    try tinyTrainer(data: data).run(in: scratch.run("run"))
  }
  #expect(error?.code == .notFinite)
  #expect(error?.message.contains("input") == true)
}

@Test func aFaultyStepChangesNoState() throws {
  let rule = GradientDescent(
    Objective(Tiny()), optimizer: SGD(momentum: 0.9), on: .reference)
  let start = try rule.initialState(seed: 1)
  let state = rule.device.backend.makeState()
  try state.write(start.weights)
  try state.write(start.slots)
  let loader = try Loader(Rings(bad: 1), batchSize: 4, threads: 0)
  let batch = try #require(try loader.batches(epoch: 0).next())
  let metrics = try rule.step(
    state, batch, at: StepContext(step: 0, seed: 1, learningRate: 0.1))
  #expect(!metrics.lossSum.isFinite)
  #expect(try state.read(start.weights.names) == start.weights)
  #expect(try state.read(start.slots.names) == start.slots)
}

@Test func aSignalSavesAndEndsTheRun() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  let trainer = try tinyTrainer {
    $0.handlesSignals = true
    $0.observe = {
      guard case .stepped(let report) = $0, report.step == 8 else { return }
      // To the process, as a terminal sends it: a test's own thread may block signals.
      _ = kill(getpid(), SIGINT)
      while Interrupt.received == nil { usleep(1000) }
    }
  }
  let result = try trainer.run(in: folder)
  #expect(result.outcome == .interrupted && result.steps == 8)
  #expect(folder.step(of: "last") == 8)
  #expect(Interrupt.received == nil)
}

@Test func labelsThatAreNoClassesAreRefused() throws {
  let scratch = try Scratch()
  var options = Trainer.Options()
  options.handlesSignals = false
  let trainer = try Trainer(
    Sequential(Flatten(), Linear(in: 16, out: 1)), data: rings, config: tinyConfig(),
    on: .reference, options: options)
  let error = #expect(throws: TrainingError.self) { try trainer.run(in: scratch.run("run")) }
  #expect(error?.code == .mismatch)
}

@Test(arguments: 0..<9)
func senselessSettingsAreRefused(_ which: Int) {
  let config = tinyConfig {
    switch which {
    case 0: $0.epochs = 0
    case 1: $0.batchSize = -1
    case 2: $0.learningRate = .nan
    case 3: $0.momentum = 1
    case 4: $0.smoothing = 1
    case 5: $0.weightDecay = -1
    case 6: $0.augmentation = "mirror"
    case 7: $0.schedule = .oneCycle(warmup: 2)
    default: $0.schedule = .multistep(milestones: [-1], factor: 0.1)
    }
  }
  let error = #expect(throws: TrainingError.self) { try tinyTrainer(config) }
  #expect(error?.code == .invalidSetting)
}
