import StriateCore
import StriateData
import StriateFormats
import StriateTestSupport
import StriateTraining
import Testing

/// What a run must leave alike however often it was stopped.
private func bytes(_ folder: RunFolder) throws -> [String] {
  try ["weights.safetensors", "optimizer.safetensors"].map {
    try SHA256.hex(ofFile: "\(folder.path)/last/\($0)")
  }
}

/// The log without what time decides.
private func log(_ folder: RunFolder) throws -> [[JSON?]] {
  let text = String(decoding: try InputFile.contents(folder.metricsPath), as: UTF8.self)
  return try text.split(separator: "\n").map { line in
    let json = try JSON(parsing: String(line))
    return ["step", "epoch", "split", "loss", "acc1", "lr"].map { json[$0] }
  }
}

private struct Killed: Error {}

@Test func runsAreRepeatableAndSeedsDiffer() throws {
  let scratch = try Scratch()
  let (a, b, c) = (scratch.run("a"), scratch.run("b"), scratch.run("c"))
  let result = try tinyTrainer().run(in: a)
  #expect(result.outcome == .finished && result.steps == 18 && result.epochs == 3)
  _ = try tinyTrainer().run(in: b)
  _ = try tinyTrainer(tinyConfig { $0.seed = 12 }).run(in: c)
  #expect(try bytes(a) == bytes(b))
  #expect(try log(a) == log(b))
  #expect(try bytes(a) != bytes(c))
  #expect(Scratch.target("\(a.path)/last") == "step-000018")
  #expect(a.steps == [6, 12, 18])
  // Two lines inside an epoch, one for the epoch, one for the test samples.
  #expect(try log(a).count == 3 * 4)
}

@Test(arguments: [1, 4, 5, 6, 7, 11, 12, 17])
func anInterruptedRunEndsWithTheSameBytes(_ stop: Int) throws {
  let scratch = try Scratch()
  let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
  _ = try tinyTrainer().run(in: whole)
  nonisolated(unsafe) var step = 0
  let first = try tinyTrainer {
    $0.observe = { if case .stepped(let report) = $0 { step = report.step } }
    $0.shouldStop = { step >= stop }
  }.run(in: parts)
  #expect(first.outcome == .interrupted && first.steps == stop)
  #expect(parts.step(of: "last") == stop)
  let second = try tinyTrainer().run(in: parts, resuming: true)
  #expect(second.outcome == .finished && second.steps == 18)
  #expect(try bytes(whole) == bytes(parts))
  #expect(try log(whole) == log(parts))
  #expect(whole.step(of: "best") == parts.step(of: "best"))
}

@Test(arguments: [1, 2, 5, 6, 8, 13, 18])
func aKilledRunEndsWithTheSameBytes(_ moment: Int) throws {
  let scratch = try Scratch()
  let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
  _ = try tinyTrainer().run(in: whole)
  #expect(throws: Killed.self) {
    try tinyTrainer {
      $0.checkpointEvery = 4
      $0.observe = {
        if case .stepped(let report) = $0, report.step == moment { throw Killed() }
      }
    }.run(in: parts)
  }
  // What a kill in the middle of a write leaves.
  try AtomicFile.write("half", to: "\(parts.path)/.step-000099.tmp")
  let log = "\(parts.path)/metrics.jsonl"
  let lines = try InputFile.contents(log)
  try Scratch.overwrite(log, lines + Array("{\"step\":1,\"epo".utf8))

  _ = try tinyTrainer { $0.checkpointEvery = 4 }.run(in: parts, resuming: true)
  #expect(try bytes(whole) == bytes(parts))
  #expect(try StriateTrainingTests.log(whole) == StriateTrainingTests.log(parts))
  #expect(!Scratch.names(parts.path).contains { $0.hasSuffix(".tmp") })
}

@Test func threeCheckpointsAndTheBestAreKept() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  _ = try tinyTrainer { $0.checkpointEvery = 1 }.run(in: folder)
  let best = try #require(folder.step(of: "best"))
  #expect(Set(folder.steps) == Set([16, 17, 18, best]))
  #expect(try Checkpoint.read("\(folder.path)/last").progress.step == 18)
  #expect(try Checkpoint.read("\(folder.path)/best").progress.step == best)
}

@Test(arguments: ["weights.safetensors", "optimizer.safetensors", "state.json"], [0, 1, 2])
func aDamagedCheckpointIsRefusedAndTheOneBeforeUsed(file: String, damage: Int) throws {
  let scratch = try Scratch()
  let (whole, parts) = (scratch.run("whole"), scratch.run("parts"))
  _ = try tinyTrainer().run(in: whole)
  _ = try tinyTrainer().run(in: parts)
  let path = "\(parts.checkpointPath(18))/\(file)"
  var content = try InputFile.contents(path)
  switch damage {
  case 0: content.removeLast(content.count / 2)
  case 1: content[content.count * 2 / 3] ^= 1
  default: content = []
  }
  try Scratch.overwrite(path, content)
  nonisolated(unsafe) var warnings: [String] = []
  nonisolated(unsafe) var resumed = 0
  _ = try tinyTrainer {
    $0.observe = {
      if case .warning(let text) = $0 { warnings.append(text) }
      if case .started(_, let after) = $0 { resumed = after }
    }
  }.run(in: parts, resuming: true)
  #expect(warnings.count == 1 && warnings[0].contains(file))
  #expect(resumed == 12)
  #expect(try bytes(whole) == bytes(parts))
  #expect(try log(whole) == log(parts))
}

@Test func withoutAWholeCheckpointNothingIsThrownAway() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  _ = try tinyTrainer().run(in: folder)
  for step in folder.steps {
    try Scratch.overwrite("\(folder.checkpointPath(step))/state.json", [])
  }
  let error = #expect(throws: TrainingError.self) {
    try tinyTrainer().run(in: folder, resuming: true)
  }
  #expect(error?.code == .damaged)
  #expect(folder.steps == [6, 12, 18])
}

@Test func anExistingFolderIsRefusedAndAnEmptyOneStartsAnew() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  _ = try tinyTrainer().run(in: folder, resuming: true)
  let error = #expect(throws: TrainingError.self) { try tinyTrainer().run(in: folder) }
  #expect(error?.code == .outputExists)
  // A finished run has nothing left to do.
  #expect(try tinyTrainer().run(in: folder, resuming: true).steps == 18)
}

/// Tells where samples that take no part in choosing are tested: once, at the end, by the best weights.
@Test(arguments: [nil, 4, 18]) func theFinalTestIsLoggedOnce(_ moment: Int?) throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  var data = rings
  data.final = Rings(count: 7, offset: 300)
  if let moment {
    #expect(throws: Killed.self) {
      try tinyTrainer(data: data) {
        $0.checkpointEvery = 2
        $0.observe = {
          if case .saved(_, let step) = $0, step == moment { throw Killed() }
        }
      }.run(in: folder)
    }
  }
  let result = try tinyTrainer(data: data).run(in: folder, resuming: true)
  let final = try #require(result.final)
  #expect(final.step == folder.step(of: "best"))
  let again = try tinyTrainer(data: data).run(in: folder, resuming: true)
  #expect(again.final?.step == final.step)
  let lines = String(decoding: try InputFile.contents(folder.metricsPath), as: UTF8.self)
    .split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
  let splits = lines.compactMap { $0["split"]?.string }
  #expect(splits.filter { $0 == "val" }.count == 3 && splits.last == "test")
  #expect(splits.filter { $0 == "test" }.count == 1)
  #expect(lines.last?["loss"]?.double == final.loss)
}

/// An order to stop between the last epoch and the final test leaves it to the next part.
@Test func theFinalTestWaitsForTheNextPart() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  var data = rings
  data.final = Rings(count: 7, offset: 300)
  nonisolated(unsafe) var isStopped = false
  let first = try tinyTrainer(data: data) {
    $0.observe = { if case .saved(_, 18) = $0 { isStopped = true } }
    $0.shouldStop = { isStopped }
  }.run(in: folder)
  #expect(first.outcome == .interrupted && first.final == nil && first.steps == 18)
  let second = try tinyTrainer(data: data).run(in: folder, resuming: true)
  #expect(second.outcome == .finished && second.final != nil)
}

/// Samples that cannot be read leave no folder that could not be gone on with, unless something was saved.
@Test(arguments: [nil, 2]) func unreadableSamplesLeaveNoBareFolder(_ every: Int?) throws {
  struct Broken: SampleDataset {
    let count = 22
    let inputShape: Shape = [1, 4, 4]
    let classNames = ["inner", "outer"]
    func sample(at index: Int) throws -> (input: [Float], label: Int) {
      if index == 20 { throw DataError(.truncated, "cut off") }
      return try Rings().sample(at: index)
    }
  }
  let scratch = try Scratch()
  let folder = scratch.run("run")
  let data = DataSplits(train: Broken(), test: Rings(count: 9), name: "broken")
  #expect(throws: DataError.self) {
    try tinyTrainer(tinyConfig { $0.batchSize = 1 }, data: data) {
      $0.checkpointEvery = every
    }.run(in: folder)
  }
  #expect(InputFile.isFolder(folder.path) == !folder.steps.isEmpty)
}

@Test func otherSettingsAreAnotherRun() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  _ = try tinyTrainer().run(in: folder)
  let error = #expect(throws: TrainingError.self) {
    try tinyTrainer(tinyConfig { $0.epochs = 7 }).run(in: folder, resuming: true)
  }
  #expect(error?.code == .differentRun)
  #expect(error?.message.contains("epochs is 3, not 7") == true)
}

@Test func anUnwritableFolderIsOneError() throws {
  let error = #expect(throws: TrainingError.self) {
    try tinyTrainer().run(in: RunFolder("/dev/null/run"))
  }
  #expect(error?.code == .storage)
}

@Test func settingsSurviveTheirFile() throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  _ = try tinyTrainer().run(in: folder)
  var config = tinyConfig()
  config.monitor = .accuracy
  #expect(try TrainingConfig(JSON(path: folder.configPath)) == config)
  for recipe in Recipe.all {
    try recipe.config.validate()
    #expect(try TrainingConfig(JSON(parsing: recipe.config.json.text())) == recipe.config)
  }
  #expect(throws: TrainingError.self) { try Recipe.find("lenet5-fasion") }
}
