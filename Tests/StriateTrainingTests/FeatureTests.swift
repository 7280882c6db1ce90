import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

private struct Killed: Error {}

/// Counts what it is told and writes it into its state.
private final class Counter: TrainingCallback {
  let name = "counter"
  private(set) var (steps, epochs) = (0, 0)
  var stopAfter: Int?

  var state: JSON { ["steps": JSON(steps), "epochs": JSON(epochs)] }

  func restore(_ state: JSON) throws {
    steps = state["steps"]?.int ?? -1
    epochs = state["epochs"]?.int ?? -1
  }

  func observe(_ event: TrainingEvent) -> CallbackAnswer {
    if case .stepped = event { steps += 1 }
    if case .epoch = event { epochs += 1 }
    return stopAfter == steps ? .stop(reason: "enough") : .proceed
  }
}

private func bytes(_ folder: RunFolder) throws -> [String] {
  try ["weights", "optimizer", "ema"].map {
    try SHA256.hex(ofFile: "\(folder.path)/last/\($0).safetensors")
  }
}

private func log(_ folder: RunFolder) throws -> [[JSON?]] {
  let names = ["step", "epoch", "split", "loss", "acc1", "lr", "ema_loss", "ema_acc1", "grad_norm"]
  let text = String(decoding: try InputFile.contents(folder.metricsPath), as: UTF8.self)
  return try text.split(separator: "\n").map { line in
    let json = try JSON(parsing: String(line))
    return names.map { json[$0] }
  }
}

@Test(arguments: 1...10)
func everythingIsCarriedOn(_ moment: Int) throws {
  let scratch = try Scratch()
  let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
  let counters = (0..<3).map { _ in Counter() }
  let result = try tinyTrainer(everything()) { $0.callbacks = [counters[0]] }.run(in: whole)
  #expect(result.steps == 10 && result.outcome == .finished)
  let file = result.testOf == .average ? "ema.safetensors" : "weights.safetensors"
  #expect(result.weights.hasSuffix("step-000010/\(file)"))
  #expect(throws: Killed.self) {
    try tinyTrainer(everything()) {
      $0.callbacks = [counters[1]]
      $0.checkpointEvery = 1
      $0.observe = {
        if case .stepped(let report) = $0, report.step == moment { throw Killed() }
      }
    }.run(in: parts)
  }
  _ = try tinyTrainer(everything()) { $0.callbacks = [counters[2]] }.run(in: parts, resuming: true)
  #expect(try bytes(whole) == bytes(parts))
  #expect(try log(whole) == log(parts))
  #expect(counters[2].state == counters[0].state)
  #expect(whole.step(of: "best") == parts.step(of: "best"))
  let (a, b) = try (
    Checkpoint.read("\(whole.path)/last").progress, Checkpoint.read("\(parts.path)/last").progress
  )
  #expect(a.evaluationOf != nil && a.evaluationOf == b.evaluationOf && a.best == b.best)
  #expect(a.plateau == b.plateau && a.patience == b.patience && a.callbacks == b.callbacks)
  #expect(a.patience.reference != nil && a.plateau.best != nil)
}

@Test func whatIsReportedIsThere() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  nonisolated(unsafe) var norms: [Double?] = []
  nonisolated(unsafe) var positions: [Int] = []
  nonisolated(unsafe) var epochs: [EpochReport] = []
  nonisolated(unsafe) var plan: RunPlan?
  _ = try tinyTrainer(everything()) {
    $0.observe = {
      switch $0 {
      case .started(let found, _): plan = found
      case .stepped(let report):
        norms.append(report.gradientNorm)
        positions.append(report.position)
        #expect(report.metrics.count == (report.position == 1 ? 16 : 6))
      case .epoch(let report): epochs.append(report)
      default: break
      }
    }
  }.run(in: folder)
  #expect(plan?.stepsPerEpoch == 2 && plan?.totalSteps == 10)
  #expect(positions == [1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
  #expect(norms.count == 10 && norms.allSatisfy { ($0 ?? -1) > 0 })
  // Tested after every second epoch and the last one.
  #expect(epochs.map { $0.test != nil } == [false, true, false, true, true])
  #expect(epochs.map { $0.averaged != nil } == [false, true, false, true, true])
  #expect(try log(folder).count { $0[2] == "test" } == 3)
  let state = try Checkpoint.read("\(folder.path)/last").state
  #expect(Set(state.average.names) == Set(state.weights.names))
  #expect(state.average["fc.weight"] != state.weights["fc.weight"])
  #expect(state.slots.names.allSatisfy { !$0.hasPrefix("accumulated") })
}

@Test func aRunStopsWhereNothingGetsBetter() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  let config = tinyConfig {
    $0.epochs = 20
    $0.schedule = .constant
    $0.patience = 2
    $0.minDelta = 200
  }
  let result = try tinyTrainer(config).run(in: folder)
  #expect(result.outcome == .stopped && result.epochs == 3)
  #expect(result.stopReason == "the test accuracy was not better in 2 tests")
  let resumed = try tinyTrainer(config).run(in: folder, resuming: true)
  #expect(resumed.outcome == .stopped && resumed.steps == result.steps)
}

@Test func aCallbackEndsARunThatCanGoOn() throws {
  let scratch = try Scratch()
  let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
  _ = try tinyTrainer(everything()).run(in: whole)
  let counter = Counter()
  counter.stopAfter = 3
  let first = try tinyTrainer(everything()) { $0.callbacks = [counter] }.run(in: parts)
  #expect(first.outcome == .stopped && first.steps == 3 && first.stopReason == "enough")
  let second = try tinyTrainer(everything()).run(in: parts, resuming: true)
  #expect(second.outcome == .finished)
  #expect(try bytes(whole) == bytes(parts))
  #expect(throws: TrainingError.self) {
    try tinyTrainer(everything()) { $0.callbacks = [Counter(), Counter()] }
  }
}

@Test func theFeaturesTogetherTrain() throws {
  let scratch = try Scratch()
  for kind in TrainingConfig.OptimizerKind.allCases {
    let config = everything {
      $0.epochs = 16
      $0.optimizer = kind
      $0.schedule = .cosine(minimum: 0)
      $0.learningRate = kind == .lars ? 8 : kind == .sgd ? 0.1 : 0.02
      $0.accumulation = 2
      $0.clipping.value = nil
      $0.average = WeightAverage(decay: 0.8, warmsUp: true)
    }
    let result = try tinyTrainer(config).run(in: scratch.run(kind.rawValue))
    #expect(result.test?.accuracy == 1, "\(kind): \(String(describing: result.test))")
  }
}

/// A checkpoint of a version that knew none of this.
@Test func anOlderRunGoesOn() throws {
  let scratch = try Scratch()
  let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
  _ = try tinyTrainer().run(in: whole)
  #expect(throws: Killed.self) {
    try tinyTrainer {
      $0.observe = { if case .stepped(let report) = $0, report.step == 9 { throw Killed() } }
    }.run(in: parts)
  }
  let old: Set = [
    "model", "data", "epochs", "batch_size", "optimizer", "learning_rate", "schedule", "momentum",
    "nesterov", "weight_decay", "label_smoothing", "seed", "augmentation", "frozen",
  ]
  let path = "\(parts.path)/last/state.json"
  var members = try #require(try JSON(path: path).object)
  members["config"] = .object(
    JSONObject(try #require(members["config"]?.object).filter { old.contains($0.name) }))
  members["progress"] = .object(
    JSONObject(
      try #require(members["progress"]?.object).filter {
        !["plateau", "patience", "stop_reason", "callbacks"].contains($0.name)
      }))
  members["state_sha256"] = nil
  members["state_sha256"] = JSON(SHA256.hex(of: Array(JSON.object(members).text().utf8)))
  try Scratch.overwrite(path, Array(JSON.object(members).text(pretty: true).utf8))
  nonisolated(unsafe) var resumed = 0
  _ = try tinyTrainer {
    $0.observe = { if case .started(_, let after) = $0 { resumed = after } }
  }.run(in: parts, resuming: true)
  #expect(resumed == 6)
  for name in ["weights.safetensors", "optimizer.safetensors"] {
    #expect(
      try SHA256.hex(ofFile: "\(whole.path)/last/\(name)")
        == SHA256.hex(ofFile: "\(parts.path)/last/\(name)"))
  }
}
