import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// The part of a run that one call makes: steps, evaluations, log and checkpoints.
final class TrainingLoop {
  private let trainer: Trainer
  private let folder: RunFolder
  private let log: MetricsLog
  private let state: any ResidentState
  private let names: (weights: [String], slots: [String])
  private let train: Loader
  private let test: Loader
  private let plan: RunPlan
  private let clock = ContinuousClock()
  private let begun: ContinuousClock.Instant
  private let formerSeconds: Double
  private var progress: RunProgress
  private var savedStep: Int?
  /// Time and samples since this part began, since the last line, and in this epoch.
  private var (whole, interval, epoch) = (Speed(), Speed(), Speed())

  private var config: TrainingConfig { trainer.config }

  init(
    _ trainer: Trainer, folder: RunFolder, log: MetricsLog, state: any ResidentState,
    progress: RunProgress, names: (weights: [String], slots: [String])
  ) throws {
    let config = trainer.config
    self.trainer = trainer
    self.folder = folder
    self.log = log
    self.state = state
    self.names = names
    self.progress = progress
    train = try Loader(
      trainer.data.train, batchSize: config.batchSize, shuffle: true, seed: config.seed,
      threads: trainer.options.loaderThreads)
    test = try Loader(
      trainer.data.test, batchSize: config.batchSize, threads: trainer.options.loaderThreads)
    plan = RunPlan(epochs: config.epochs, stepsPerEpoch: train.batchCount)
    savedStep = progress.step > 0 ? progress.step : nil
    begun = clock.now
    formerSeconds = progress.seconds
  }

  func run() throws -> TrainingResult {
    try trainer.options.observe(.started(plan, after: progress.step))
    while progress.epoch < config.epochs {
      let batches = train.batches(epoch: progress.epoch, from: progress.position)
      defer { batches.stop() }
      while let batch = try batches.next() {
        try step(batch)
        if progress.position < plan.stepsPerEpoch {
          if wantsStop {
            try save()
            return result(.interrupted)
          }
          if let every = trainer.options.checkpointEvery, progress.step % every == 0 { try save() }
        }
      }
      try finishEpoch()
      if wantsStop, progress.epoch < config.epochs { return result(.interrupted) }
    }
    return result(.finished)
  }

  private var wantsStop: Bool {
    trainer.options.shouldStop() || (trainer.options.handlesSignals && Interrupt.received != nil)
  }

  // MARK: Steps

  private func step(_ batch: Batch) throws {
    let rate = config.schedule.rate(
      step: progress.step, total: plan.totalSteps, base: config.learningRate)
    let context = StepContext(step: progress.step, seed: config.seed, learningRate: rate)
    let start = clock.now
    let metrics = try trainer.rule.step(state, batch, at: context)
    let seconds = (clock.now - start).seconds
    guard metrics.lossSum.isFinite else { throw try notFinite(batch, metrics) }

    progress.step += 1
    progress.position += 1
    progress.epochTotals = progress.epochTotals + metrics
    progress.intervalTotals = progress.intervalTotals + metrics
    progress.stepSeconds += seconds
    whole.add(batch.count, seconds)
    interval.add(batch.count, seconds)
    epoch.add(batch.count, seconds)
    if progress.step % trainer.options.logEvery == 0, progress.position < plan.stepsPerEpoch {
      try write(.train, progress.intervalTotals, rate, interval.rate)
      progress.intervalTotals = StepMetrics()
      interval = Speed()
    }
    try trainer.options.observe(
      .stepped(
        StepReport(
          step: progress.step, epoch: progress.epoch + 1, position: progress.position,
          metrics: metrics, epochTotals: progress.epochTotals, learningRate: rate,
          imagesPerSecond: whole.rate)))
  }

  private func notFinite(_ batch: Batch, _ metrics: StepMetrics) throws -> TrainingError {
    notFinite(
      "the loss of step \(progress.step + 1)", metrics, try trainer.rule.fault(state, batch),
      step: progress.step + 1)
  }

  private func notFinite(
    _ what: String, _ metrics: StepMetrics, _ fault: NonFinite?, step: Int
  ) -> TrainingError {
    let number = metrics.lossSum.isNaN ? "NaN" : "\(metrics.lossSum)"
    let origin = fault.map { "first: \($0)" } ?? "the interpreter finds every value of it finite"
    return TrainingError(
      .notFinite, "\(what) is \(number); \(origin)\(savedHint)", step: step,
      layer: fault?.node?.node.path)
  }

  private var savedHint: String {
    savedStep.map { "; the run is saved up to step \($0)" } ?? "; nothing was saved yet"
  }

  // MARK: Epochs

  private func finishEpoch() throws {
    let rate = config.schedule.rate(
      step: max(progress.step - 1, 0), total: plan.totalSteps, base: config.learningRate)
    try write(.train, progress.epochTotals, rate, epoch.rate)
    var isBest = false
    if test.dataset.count > 0 {
      let (metrics, speed) = try evaluate()
      progress.evaluation = metrics
      isBest = metrics.accuracy > progress.best?.accuracy ?? -1
      if isBest { progress.best = .init(accuracy: metrics.accuracy, step: progress.step) }
      try write(.test, metrics, rate, speed.rate)
    }
    let report = EpochReport(
      epoch: progress.epoch + 1, step: progress.step, train: progress.epochTotals,
      test: progress.evaluation, isBest: isBest, imagesPerSecond: epoch.rate, seconds: elapsed)
    progress.epoch += 1
    progress.position = 0
    progress.lastEpoch = progress.epochTotals
    progress.epochTotals = StepMetrics()
    progress.intervalTotals = StepMetrics()
    (interval, epoch) = (Speed(), Speed())
    try save()
    try trainer.options.observe(.epoch(report))
  }

  private func evaluate() throws -> (StepMetrics, Speed) {
    var sums = StepMetrics()
    var speed = Speed()
    let batches = test.batches(epoch: 0)
    defer { batches.stop() }
    while let batch = try batches.next() {
      let start = clock.now
      let metrics = try trainer.rule.evaluate(state, batch)
      speed.add(batch.count, (clock.now - start).seconds)
      guard metrics.lossSum.isFinite else {
        throw notFinite(
          "the test loss after step \(progress.step)", metrics,
          try trainer.rule.evaluationFault(state, batch), step: progress.step)
      }
      let answers = trainer.options.observesAnswers ? try trainer.rule.answers(batch) : nil
      try trainer.options.observe(
        .tested(
          TestedBatch(
            epoch: progress.epoch + 1, step: progress.step, batch: batch, answers: answers)))
      sums = sums + metrics
    }
    return (sums, speed)
  }

  // MARK: Records

  private var elapsed: Double { formerSeconds + (clock.now - begun).seconds }

  private func write(
    _ split: MetricsLine.Split, _ metrics: StepMetrics, _ rate: Double, _ speed: Double
  ) throws {
    let line = MetricsLine(
      step: progress.step, epoch: progress.epoch + 1, split: split, loss: metrics.loss,
      accuracy: metrics.accuracy, learningRate: rate, imagesPerSecond: speed, time: elapsed)
    try log.append(line)
    try trainer.options.observe(.logged(line))
  }

  private func save() throws {
    if savedStep == progress.step { return }
    let tensors = TrainState(
      weights: try state.read(names.weights), slots: try state.read(names.slots))
    try check(tensors)
    if progress.position == 0 {
      try trainer.options.observe(
        .weights(
          WeightsReport(epoch: progress.epoch, step: progress.step, weights: tensors.weights)))
    }
    // Lines first: a checkpoint promises that those up to its step are on the disk.
    try log.sync()
    progress.seconds = elapsed
    try folder.save(
      Checkpoint(
        state: tensors, progress: progress, config: config.json,
        environment: trainer.environment,
        metadata: WeightsMetadata(trainer.data).texts))
    savedStep = progress.step
    try trainer.options.observe(
      .saved(path: folder.checkpointPath(progress.step), step: progress.step))
  }

  /// Refuses to save what no step could go on from: at a finite loss, an update can overflow all the same.
  private func check(_ tensors: TrainState) throws(TrainingError) {
    for (name, tensor) in Array(tensors.weights) + Array(tensors.slots) {
      guard let number = tensor.firstNonFinite else { continue }
      throw TrainingError(
        .notFinite,
        "the update of step \(progress.step) makes \(name) \(number.isNaN ? "NaN" : "\(number)")"
          + savedHint,
        step: progress.step, layer: name)
    }
  }

  private func result(_ outcome: TrainingResult.Outcome) -> TrainingResult {
    let newest = folder.checkpointPath(savedStep ?? progress.step)
    let images = Double(images(through: progress))
    return TrainingResult(
      outcome: outcome, steps: progress.step, epochs: progress.epoch, test: progress.evaluation,
      train: progress.lastEpoch, bestAccuracy: progress.best?.accuracy, seconds: elapsed,
      imagesPerSecond: progress.stepSeconds > 0 ? images / progress.stepSeconds : 0,
      weights: "\(newest)/\(Checkpoint.weightsFile)")
  }

  private func images(through progress: RunProgress) -> Int {
    progress.epoch * train.dataset.count + progress.epochTotals.count
  }
}

/// Samples over seconds.
private struct Speed {
  private var count = 0
  private var seconds = 0.0

  mutating func add(_ samples: Int, _ time: Double) {
    count += samples
    seconds += time
  }

  var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }
}
