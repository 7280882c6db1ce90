import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateRuntime

/// The part of a run that one call makes: steps, evaluations, log and checkpoints.
final class TrainingLoop {
  private let trainer: Trainer
  private let folder: RunFolder
  private let log: MetricsLog
  private let state: any ResidentState
  /// The names of the state's tensors, with what they started as.
  private let tensors: TrainState
  private let train: Loader
  private let test: Loader
  private var plan: RunPlan
  private let rates: LearningRate
  private let clock = ContinuousClock()
  private let begun: ContinuousClock.Instant
  private let formerSeconds: Double
  private var progress: RunProgress
  private var savedStep: Int?
  /// The final test, once it is made.
  private var final: FinalTest?
  /// Why a callback wants the run to end.
  private var wish: String?
  /// Where averaged weights are tested; made when first needed.
  private var averagedState: (any ResidentState)?
  /// The micro-batches of the step that is under way.
  private var (partial, partialSeconds) = (StepMetrics(), 0.0)
  /// Time and samples since this part began, since the last line, and in this epoch.
  private var (whole, interval, epoch) = (Speed(), Speed(), Speed())

  private var config: TrainingConfig { trainer.config }
  private var task: any LearningTask { trainer.rule.task }

  init(
    _ trainer: Trainer, folder: RunFolder, log: MetricsLog, state: any ResidentState,
    progress: RunProgress, tensors: TrainState, cut: BatchCut
  ) throws {
    let config = trainer.config
    self.trainer = trainer
    self.folder = folder
    self.log = log
    self.state = state
    self.tensors = tensors
    self.progress = progress
    // A batch for each thread and one that is ready.
    let threads = trainer.options.loaderThreads
    train = try Loader(
      trainer.data.train, batchSize: config.batchSize, shuffle: true, seed: config.seed,
      threads: threads, prefetch: max(threads + 1, 2), rest: cut.rest)
    test = try Loader(
      trainer.data.test, batchSize: config.batchSize, threads: threads,
      prefetch: max(threads + 1, 2))
    plan = RunPlan(epochs: config.epochs, stepsPerEpoch: config.stepsPerEpoch(cut))
    plan.isHeldOut = trainer.data.isHeldOut
    plan.metric = trainer.rule.task.metrics.first
    rates = config.rates(totalSteps: plan.totalSteps)
    savedStep = progress.step > 0 ? progress.step : nil
    begun = clock.now
    formerSeconds = progress.seconds
  }

  func run() throws -> TrainingResult {
    try tell(.started(plan, after: progress.step))
    if progress.stopReason != nil { return try ended() }
    while progress.epoch < config.epochs {
      let batches = train.batches(epoch: progress.epoch, from: progress.position)
      defer { batches.stop() }
      while let batch = try batches.next() {
        guard try learn(batch) else { continue }
        if progress.position < train.batchCount {
          if wantsStop {
            try save()
            return try ended()
          }
          if let every = trainer.options.checkpointEvery, progress.step % every == 0 { try save() }
        }
      }
      try finishEpoch()
      if progress.stopReason != nil { return try ended() }
      if wantsStop, progress.epoch < config.epochs { return try ended() }
    }
    return try measureFinal() ? result(.finished) : result(.interrupted)
  }

  private var wantsStop: Bool { wish != nil || isOrderedToStop }

  private var isOrderedToStop: Bool {
    trainer.options.shouldStop()
      || (trainer.options.handlesSignals && Interrupt.received != nil)
  }

  /// The end before the last epoch: by the run's own rule, by a callback's wish, or by order.
  private func ended() throws -> TrainingResult {
    guard let reason = progress.stopReason ?? wish else { return result(.interrupted) }
    try trainer.options.observe(.stopped(reason: reason))
    // A run that a callback ended can be gone on with: its test is not due.
    if progress.stopReason != nil, try !measureFinal() { return result(.interrupted) }
    return result(.stopped)
  }

  /// Tells observers and callbacks; keeps what the latter remember and wish.
  private func tell(_ event: TrainingEvent) throws {
    try trainer.options.observe(event)
    for callback in trainer.options.callbacks {
      if case .stop(let reason) = try callback.observe(event) { wish = wish ?? reason }
    }
  }

  // MARK: Steps

  /// Learns from a batch; true where it ends a step.
  private func learn(_ batch: Batch) throws -> Bool {
    let rate = rates.rate(step: progress.step, plateau: progress.plateau)
    var context = StepContext(step: progress.step, seed: config.seed, learningRate: rate)
    context.part = part(of: batch)
    let start = clock.now
    let metrics = try trainer.rule.step(state, batch, at: context)
    partialSeconds += (clock.now - start).seconds
    guard metrics.lossSum.isFinite else { throw try notFinite(batch, metrics) }
    partial = partial + metrics
    progress.position += 1
    guard context.part.isLast else { return false }
    try finishStep(partial, partialSeconds, rate)
    (partial, partialSeconds) = (StepMetrics(), 0)
    return true
  }

  /// A batch's place among those whose gradients make one step.
  private func part(of batch: Batch) -> StepContext.Part {
    if config.accumulation == 1 { return StepContext.Part() }
    let index = progress.position % config.accumulation
    let first = progress.position - index
    let count = min(config.accumulation, train.batchCount - first)
    let samples = train.cut.samples(in: first..<first + count).count
    return StepContext.Part(
      index: index, share: Double(batch.count) / Double(max(samples, 1)),
      isLast: index == count - 1)
  }

  private func finishStep(_ metrics: StepMetrics, _ seconds: Double, _ rate: Double) throws {
    progress.step += 1
    progress.epochTotals = progress.epochTotals + metrics
    progress.intervalTotals = progress.intervalTotals + metrics
    progress.stepSeconds += seconds
    whole.add(metrics.count, seconds)
    interval.add(metrics.count, seconds)
    epoch.add(metrics.count, seconds)
    if progress.step % trainer.options.logEvery == 0, progress.position < train.batchCount {
      try write(.train, progress.intervalTotals, rate, interval.rate)
      progress.intervalTotals = StepMetrics()
      interval = Speed()
    }
    let (batches, rest) = progress.position.quotientAndRemainder(dividingBy: config.accumulation)
    try tell(
      .stepped(
        StepReport(
          step: progress.step, epoch: progress.epoch + 1,
          position: batches + (rest == 0 ? 0 : 1), metrics: metrics,
          epochTotals: progress.epochTotals, learningRate: rate, imagesPerSecond: whole.rate)))
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
    let rate = rates.rate(step: max(progress.step - 1, 0), plateau: progress.plateau)
    try write(.train, progress.epochTotals, rate, epoch.rate)
    var evaluation: Evaluated?
    if test.dataset.count > 0, isTested(progress.epoch + 1) {
      let found = try evaluateAll()
      evaluation = found
      let split = plan.isHeldOut ? MetricsLine.Split.val : .test
      try write(split, found.weights, rate, found.speed, averaged: found.averaged)
      judge(found)
    } else if test.dataset.count == 0, case .plateau(let plateau) = config.schedule {
      plateau.observe(progress.epochTotals.loss, base: config.learningRate, in: &progress.plateau)
    }
    let report = EpochReport(
      epoch: progress.epoch + 1, step: progress.step, train: progress.epochTotals,
      test: evaluation?.weights, averaged: evaluation?.averaged, learningRate: rate,
      isBest: evaluation != nil && progress.best?.step == progress.step,
      chosen: evaluation == nil ? nil : progress.evaluationOf,
      imagesPerSecond: epoch.rate, seconds: elapsed)
    progress.epoch += 1
    progress.position = 0
    progress.lastEpoch = progress.epochTotals
    progress.epochTotals = StepMetrics()
    progress.intervalTotals = StepMetrics()
    (interval, epoch) = (Speed(), Speed())
    try tell(.epoch(report))
    try save()
  }

  private func isTested(_ epoch: Int) -> Bool {
    epoch % config.evaluateEvery == 0 || epoch == config.epochs
  }

  /// What follows from an evaluation: the best one, the plateau's rate, the end.
  private func judge(_ evaluation: Evaluated) {
    let (metrics, chosen) = trainer.monitor.better(evaluation.weights, evaluation.averaged)
    progress.evaluation = metrics
    progress.evaluationOf = chosen
    progress.evaluationStep = progress.step
    if trainer.monitor.isBetter(metrics, than: progress.best) {
      var numbers = [Metric.loss.name: metrics.loss]
      for reading in task.readings(metrics) { numbers[reading.name] = reading.number }
      progress.best = .init(numbers: numbers, step: progress.step, chosen: chosen)
    }
    if case .plateau(let plateau) = config.schedule {
      plateau.observe(metrics.loss, base: config.learningRate, in: &progress.plateau)
    }
    let reason = progress.patience.observe(metrics, by: trainer.monitor, config)
    if progress.epoch + 1 < config.epochs { progress.stopReason = reason }
  }

  /// The test samples' sums by the weights and by their average.
  private struct Evaluated {
    var weights: StepMetrics
    var averaged: StepMetrics?
    var speed: Double
  }

  private func evaluateAll() throws -> Evaluated {
    let (metrics, speed) = try evaluate(state, on: test)
    var result = Evaluated(weights: metrics, speed: speed.rate)
    if tensors.average.count > 0 {
      let averaged = averagedState ?? trainer.rule.device.backend.makeState()
      averagedState = averaged
      try averaged.write(try tensors.readAverage(from: state))
      result.averaged = try evaluate(averaged, on: test).0
    }
    return result
  }

  /// Measures the best weights on test samples that took no part in choosing them, where there are any, and
  /// logs it; false where that was broken off by order.
  private func measureFinal() throws -> Bool {
    guard let samples = trainer.data.final, samples.count > 0 else { return true }
    if let known = log.final {
      final = known
      return true
    }
    let step = folder.step(of: "best") ?? savedStep ?? progress.step
    let path = Checkpoint.weightsPath(in: folder.checkpointPath(step))
    let best = trainer.rule.device.backend.makeState()
    do {
      try best.write(Safetensors.read(path).tensors)
    } catch let error as FormatError {
      throw TrainingError(
        .damaged, "the best weights cannot be tested: \(error)", step: step, cause: error)
    }
    let threads = trainer.options.loaderThreads
    let loader = try Loader(
      samples, batchSize: config.batchSize, threads: threads, prefetch: max(threads + 1, 2))
    let (sums, speed) = try evaluate(best, on: loader, isFinal: true)
    guard sums.count == samples.count else { return false }
    final = FinalTest(step: step, loss: sums.loss, metrics: task.readings(sums))
    let epoch = max((step + plan.stepsPerEpoch - 1) / max(plan.stepsPerEpoch, 1), 1)
    let rate = rates.rate(step: max(progress.step - 1, 0), plateau: progress.plateau)
    let line = MetricsLine(
      step: step, epoch: epoch, split: .test, loss: sums.loss, metrics: task.readings(sums),
      learningRate: rate, imagesPerSecond: speed.rate, time: elapsed)
    try log.append(line)
    try log.sync()
    try trainer.options.observe(.logged(line))
    return true
  }

  /// The sums over samples; those of the final test are broken off by order.
  private func evaluate(
    _ state: any ResidentState, on loader: Loader, isFinal: Bool = false
  ) throws -> (StepMetrics, Speed) {
    var sums = StepMetrics()
    var speed = Speed()
    let batches = loader.batches(epoch: 0)
    defer { batches.stop() }
    while let batch = try batches.next() {
      if isFinal, isOrderedToStop { break }
      let start = clock.now
      let metrics = try trainer.rule.evaluate(state, batch)
      speed.add(batch.count, (clock.now - start).seconds)
      guard metrics.lossSum.isFinite else {
        throw notFinite(
          "the test loss after step \(progress.step)", metrics,
          try trainer.rule.evaluationFault(state, batch), step: progress.step)
      }
      if isFinal {
        sums = sums + metrics
        continue
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
    _ split: MetricsLine.Split, _ metrics: StepMetrics, _ rate: Double, _ speed: Double,
    averaged: StepMetrics? = nil
  ) throws {
    var line = MetricsLine(
      step: progress.step, epoch: progress.epoch + 1, split: split, loss: metrics.loss,
      metrics: task.readings(metrics), learningRate: rate, imagesPerSecond: speed, time: elapsed,
      gradientNorm: metrics.gradientNorm)
    if let averaged {
      line.averaged = [Metric.Reading(.loss, averaged.loss)] + task.readings(averaged)
    }
    try log.append(line)
    try trainer.options.observe(.logged(line))
  }

  private func save() throws {
    if savedStep == progress.step { return }
    let tensors = try tensors.read(from: state)
    try check(tensors)
    for callback in trainer.options.callbacks { progress.callbacks[callback.name] = callback.state }
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
        metadata: WeightsMetadata(trainer.data, task: task.name).texts))
    savedStep = progress.step
    try tell(.saved(path: folder.checkpointPath(progress.step), step: progress.step))
  }

  /// Refuses to save what no step could go on from: at a finite loss, an update can overflow all the same.
  private func check(_ tensors: TrainState) throws(TrainingError) {
    for (name, tensor) in [tensors.weights, tensors.slots, tensors.average].joined() {
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
      task: task, monitor: trainer.monitor, outcome: outcome, steps: progress.step,
      epochs: progress.epoch,
      stopReason: outcome == .stopped ? progress.stopReason ?? wish : nil,
      test: progress.evaluation, testOf: progress.evaluationOf, testStep: progress.evaluationStep,
      final: final, train: progress.lastEpoch, best: progress.best, seconds: elapsed,
      imagesPerSecond: progress.stepSeconds > 0 ? images / progress.stepSeconds : 0,
      weights: Checkpoint.weightsPath(in: newest))
  }

  private func images(through progress: RunProgress) -> Int {
    progress.epoch * train.cut.usedCount + progress.epochTotals.count
  }
}
