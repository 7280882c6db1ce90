import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime

/// Trains a model, tests it after each epoch, saves it, and goes on exactly where it was stopped.
///
/// ```swift
/// let config = TrainingConfig(model: "mine", data: "fashion-mnist", epochs: 6)
/// let data = try DataSource.load(config.data)
/// let trainer = try Trainer(model, data: data, config: config, on: .reference)
/// let result = try trainer.run(in: RunFolder("runs/mine"))
/// ```
public struct Trainer {
  /// What does not change what is computed.
  public struct Options {
    /// Steps between checkpoints beside those after each epoch; nil for none.
    public var checkpointEvery: Int?
    /// Steps between lines of the log beside those after each epoch.
    public var logEvery = 50
    /// Whether SIGINT and SIGTERM save and end the run.
    public var handlesSignals = true
    /// Threads that stage batches.
    public var loaderThreads = 1
    /// What else decides the bytes, for the checkpoint: instruction set, threads.
    public var environment: [String: String] = [:]
    /// What `config.json` holds beside the settings, for a program that goes on with the run: what it was
    /// begun with that changes no setting.
    public var record = JSONObject()
    /// Weights of another training that a run begins with, in place of the seed's; a run that goes on has its own.
    public var initialWeights = NamedTensors()
    /// Asked after each step; true saves and ends the run.
    public var shouldStop: () -> Bool = { false }
    /// Whether the event of each tested batch says what was answered, which costs a copy.
    public var observesAnswers = false
    /// Told what happens; what it throws ends the run at once, without saving.
    public var observe: (TrainingEvent) throws -> Void = { _ in }
    /// What watches the run, may end it, and remembers across a resume.
    public var callbacks: [any TrainingCallback] = []

    /// Options as they are usual.
    public init() {}
  }

  /// The settings.
  public let config: TrainingConfig
  /// The metric that the best evaluation is chosen by.
  let monitor: Metric
  let rule: any TrainingRule
  let data: DataSplits
  let options: Options

  /// A training by gradient descent of a classifier.
  ///
  /// - Throws: `TrainingError` where a setting makes no sense.
  public init(
    _ model: some Layer, data: DataSplits, config: TrainingConfig, on device: Device,
    options: Options = Options()
  ) throws {
    if let rule = config.rule {
      throw TrainingError(
        .invalidSetting, "\(config.model) learns by gradients, not by the rule '\(rule)'")
    }
    let objective = Objective(model, loss: CrossEntropyLoss(smoothing: config.smoothing))
    let rule = config.makeRule(objective, samples: data.train, on: device)
    try self.init(rule: rule, data: data, config: config, options: options)
  }

  /// A training by any rule.
  ///
  /// - Throws: `TrainingError` where a setting makes no sense.
  public init(
    rule: any TrainingRule, data: DataSplits, config: TrainingConfig, options: Options = Options()
  ) throws {
    try config.validate()
    for (name, value) in [
      ("checkpointEvery", options.checkpointEvery ?? 1), ("logEvery", options.logEvery),
    ] where value < 1 {
      throw TrainingError(.invalidSetting, "\(name) must be at least 1, found \(value)")
    }
    guard data.train.count > 0 else {
      throw TrainingError(.mismatch, "\(data.name) has no training samples")
    }
    var names: Set<String> = []
    for callback in options.callbacks where !names.insert(callback.name).inserted {
      throw TrainingError(.invalidSetting, "there are two callbacks named \(callback.name)")
    }
    var config = config
    let monitor = config.monitor ?? Monitor(rawValue: rule.task.headline.name)
    config.monitor = monitor
    self.monitor = try monitor.metric(of: rule.task)
    self.rule = rule
    self.data = data
    self.config = config
    self.options = options
  }

  /// Trains into a folder that is not there yet; with `resuming`, goes on with the run in it, or starts
  /// anew where it holds no checkpoint.
  ///
  /// - Throws: `TrainingError` where the folder is there (or the run in it is another one), the loss is not
  ///   finite, or nothing can be saved; `DataError` where samples cannot be read.
  public func run(in folder: RunFolder, resuming: Bool = false) throws -> TrainingResult {
    guard options.handlesSignals else { return try start(folder, resuming) }
    return try Interrupt.catching { try start(folder, resuming) }
  }

  private func start(_ folder: RunFolder, _ resuming: Bool) throws -> TrainingResult {
    if !resuming, Folder.exists(folder.path) {
      throw TrainingError(
        .outputExists,
        "\(folder.path) is there already; resume it with --resume, or choose another folder")
    }
    let (cut, note) = try config.cut(data.train, by: rule)
    if let note { try options.observe(.warning(note)) }
    let isNew = !Folder.exists(folder.path)
    let lock = try folder.take()
    defer { withExtendedLifetime(lock) {} }
    do {
      let result = try runPart(folder, resuming, cut)
      try options.observe(.ended(result))
      return result
    } catch  where isNew && folder.steps.isEmpty && Self.isFinal(error) {
      try? Folder.remove(folder.path)
      throw error
    }
  }

  /// Whether an error leaves nothing to go on with, so that a folder without a checkpoint must not block the next try.
  ///
  /// That is so for samples that cannot be read, a model that cannot be traced, and settings that do not fit it.
  private static func isFinal(_ error: any Error) -> Bool {
    switch error {
    case is DataError, is TraceError: true
    case let error as TrainingError: error.code == .invalidSetting || error.code == .mismatch
    default: false
    }
  }

  private func runPart(
    _ folder: RunFolder, _ resuming: Bool, _ cut: BatchCut
  ) throws -> TrainingResult {
    let checkpoint = resuming ? try newestCheckpoint(in: folder) : nil
    try folder.clean()
    var progress = RunProgress()
    let state = rule.device.backend.makeState()
    var fresh = try rule.initialState(seed: config.seed)
    if checkpoint == nil { try begin(&fresh) }
    if let checkpoint {
      let saved = checkpoint.state
      try require(saved.weights, toFit: fresh.weights, Checkpoint.weightsFile)
      try require(saved.slots, toFit: fresh.slots, Checkpoint.optimizerFile)
      try require(saved.average, toFit: fresh.average, Checkpoint.averageFile)
      var resumed = saved
      resumed.scratch = fresh.scratch
      try resumed.write(to: state)
      progress = checkpoint.progress
      for callback in options.callbacks {
        if let kept = progress.callbacks[callback.name] { try callback.restore(kept) }
      }
      try folder.relink(last: progress.step, best: progress.best?.step)
    } else {
      try fresh.write(to: state)
    }
    var settings = config.json.object ?? JSONObject()
    for (name, value) in options.record where settings[name] == nil { settings[name] = value }
    try AtomicFile.write(
      JSON.object(settings).text(pretty: true) + "\n", to: folder.configPath)
    let isDone = progress.epoch >= config.epochs || progress.stopReason != nil
    let log = try MetricsLog(
      folder.metricsPath,
      keeping: .init(
        step: checkpoint == nil ? nil : progress.step, testsOnce: data.isHeldOut,
        metrics: rule.task.metrics,
        final: isDone ? folder.step(of: "best") ?? progress.step : nil))
    let loop = try TrainingLoop(
      self, folder: folder, log: log, state: state, progress: progress, tensors: fresh, cut: cut)
    return try loop.run()
  }

  /// Puts the given weights, or those that whiten the samples, in the place of the seed's.
  private func begin(_ state: inout TrainState) throws {
    var weights = options.initialWeights
    if let layer = config.whitening {
      let name = layer + ".weight"
      guard let own = state.weights[name] else {
        throw TrainingError(
          .invalidSetting,
          "there is no convolution '\(layer)' to whiten samples with; "
            + NearMiss.hint(for: name, among: state.weights.names))
      }
      if weights[name] == nil {
        weights[name] = try PatchWhitening.filters(own.shape, of: data.train)
      }
    }
    for (name, value) in weights {
      guard let own = state.weights[name], own.type == value.type else {
        let wanted =
          state.weights[name].map { "is \($0.type) in the network" } ?? "is not in the network"
        throw TrainingError(
          .mismatch, "the weights to begin with hold \(name) \(value.type), which \(wanted)")
      }
      state.weights[name] = value
      if state.average[name] != nil { state.average[name] = value }
    }
  }

  /// The newest checkpoint that is whole and of this run; nil where there is none at all.
  private func newestCheckpoint(in folder: RunFolder) throws -> Checkpoint? {
    var faults: [any Error] = []
    let steps = folder.steps
    for step in steps.reversed() {
      do {
        let checkpoint = try Checkpoint.read(folder.checkpointPath(step))
        try check(checkpoint, in: folder)
        return checkpoint
      } catch let error as TrainingError where error.code == .damaged {
        faults.append(error)
        let next = step == steps.first ? "" : "; the checkpoint before it is used"
        try options.observe(.warning("\(error)\(next)"))
      }
    }
    if let first = faults.first {
      throw TrainingError(
        .damaged, "no checkpoint in \(folder.path) is whole: \(first)", cause: first)
    }
    return nil
  }

  private func check(_ checkpoint: Checkpoint, in folder: RunFolder) throws {
    let differences = config.differences(from: checkpoint.config)
    if !differences.isEmpty {
      throw TrainingError(
        .differentRun,
        "the run in \(folder.path) has other settings: \(differences.joined(separator: "; "))")
    }
    let changes = changes(from: checkpoint.environment)
    if !changes.isEmpty {
      try options.observe(
        .warning(
          "the run goes on with \(changes.joined(separator: "; ")): its end may differ in the last bits"
        ))
    }
  }

  private func require(
    _ saved: NamedTensors, toFit fresh: NamedTensors, _ file: String
  ) throws {
    let report = LoadReport(saved, expected: fresh.map { ($0.name, $0.value.type) })
    if !report.isExact {
      throw TrainingError(
        .differentRun,
        "\(file) of the run does not fit the model: "
          + report.lines.prefix(4).joined(separator: "; "))
    }
  }

  /// What decides the bytes and is not as it was: `threads 2, not 1`.
  private func changes(from former: JSON) -> [String] {
    // Checkpoints of older versions tell threads only in the library's words.
    let tellsThreads = former["threads"] != nil
    func members(_ json: JSON) -> JSONObject {
      var members = json.object ?? JSONObject()
      if !tellsThreads { members["threads"] = nil }
      if tellsThreads, let library = members["library"]?.string {
        let words = library.split(separator: ", ").filter {
          !$0.hasSuffix(" thread") && !$0.hasSuffix(" threads")
        }
        members["library"] = JSON(words.joined(separator: ", "))
      }
      return members
    }
    func text(_ value: JSON?) -> String {
      value?.object.map { "\($0.names.count) chosen by trying" } ?? value?.string ?? value?
        .description ?? "none"
    }
    let (was, now) = (members(former), members(environment))
    return (now.names + was.names.filter { now[$0] == nil }).compactMap { name in
      was[name] == now[name] ? nil : "\(name) \(text(now[name])), not \(text(was[name]))"
    }
  }

  /// What beside settings and step decides the bytes.
  var environment: JSON {
    var members: JSONObject = [
      "device": JSON(rule.device.id),
      "library": JSON(rule.device.backend.summary),
      "train_samples": JSON(data.train.count),
    ]
    for (name, value) in options.environment.sorted(by: { $0.key < $1.key }) {
      members[name] = JSON(value)
    }
    let kernels = rule.device.backend.kernelChoices.sorted { $0.key < $1.key }
    if !kernels.isEmpty {
      members["kernels"] = .object(
        kernels.reduce(into: JSONObject()) { $0[$1.key] = JSON($1.value) })
    }
    return .object(members)
  }
}
