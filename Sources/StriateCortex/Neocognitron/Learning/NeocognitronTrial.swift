import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateRuntime
import StriateTraining

/// One way in which the Neocognitron has learned over the years, tried on given samples.
///
/// Both ways to read the last stage are measured on the same weights, since they learn alike.
public struct NeocognitronTrial: Sendable, Hashable {
  /// How the middle stages learn.
  public var rule = PlaneRule.addIfSilent
  /// Extents and thresholds.
  public var plan = Neocognitron.Plan()
  /// Passes over the samples.
  public var passes = 6
  /// Samples that are shown between two looks at the weights.
  public var batchSize = 50

  /// The way of 2013.
  public init() {}

  /// What came of it.
  public struct Outcome: Sendable, Hashable {
    /// The share of test samples that are told by the most similar reference vector.
    public let winner: Double
    /// The share that are told by the most similar place between two of a class; nil where planes were taught.
    public let segments: Double?
    /// Planes of S2, S3 and S4 that learned something.
    public let planes: [Int]
    /// Seconds of learning.
    public let seconds: Double
  }

  /// Learns from the training samples and asks about the test samples.
  ///
  /// - Throws: `DataError` where samples cannot be read, `TrainingError` where their classes do not fit, or the device's
  ///   error.
  public func outcome(_ data: DataSplits, seed: UInt64, on device: Device) throws -> Outcome {
    let network = reading(data, plan.readOut)
    let learning = NeocognitronRule(
      network, planeRule: rule, samples: data.train.count, batchSize: batchSize, on: device)
    let state = device.backend.makeState()
    try learning.initialState(seed: seed).write(to: state)
    let clock = ContinuousClock()
    let start = clock.now
    let loader = try Loader(data.train, batchSize: batchSize, shuffle: true, seed: seed)
    var context = StepContext(step: 0, seed: seed, learningRate: 1)
    for pass in 0..<max(passes, NeocognitronRule.leastPasses) {
      let batches = loader.batches(epoch: pass)
      while let batch = try batches.next() {
        _ = try learning.step(state, batch, at: context)
        context.step += 1
      }
    }
    let seconds = (clock.now - start) / .seconds(1)
    return Outcome(
      winner: try accuracy(data, reading(data, .winner), state, on: device),
      segments: try accuracy(data, reading(data, .segments), state, on: device),
      planes: try [2, 3, 4].map { stage in
        try state.learnedRows("s\(stage).a", axes: stage == 4 ? 2 : 1).count { $0 }
      }, seconds: seconds)
  }

  /// Teaches a network of 1983 or 1988 from the training samples and asks about the test samples.
  ///
  /// - Throws: `DataError` where samples cannot be read, or the device's error.
  public func taught(
    _ plan: TaughtNeocognitron.Plan, _ data: DataSplits, on device: Device
  ) throws -> Outcome {
    let network = TaughtNeocognitron(classes: max(data.train.classNames.count, 2), plan: plan)
    let state = device.backend.makeState()
    let clock = ContinuousClock()
    let start = clock.now
    try TaughtNeocognitronRule(network, samples: data.train, on: device).initialState(seed: 0)
      .write(to: state)
    let seconds = (clock.now - start) / .seconds(1)
    return Outcome(
      winner: try accuracy(data, network, state, on: device), segments: nil,
      planes: try [2, 3, 4].map { try state.learnedRows("s\($0).a", axes: 1).count { $0 } },
      seconds: seconds)
  }

  private func reading(_ data: DataSplits, _ readOut: ReferenceCells.ReadOut) -> Neocognitron {
    var plan = plan
    plan.readOut = readOut
    return Neocognitron(
      classes: max(data.train.classNames.count, 2), input: data.train.inputShape, plan: plan)
  }

  private func accuracy(
    _ data: DataSplits, _ network: some Layer, _ state: any ResidentState, on device: Device
  ) throws -> Double {
    let objective = Objective(network)
    var sums = StepMetrics()
    var steps: [Int: EvaluationStep] = [:]
    let batches = try Loader(data.test, batchSize: batchSize).batches(epoch: 0)
    while let batch = try batches.next() {
      let step =
        try steps[batch.count] ?? EvaluationStep(objective, input: batch.inputs.type, on: device)
      steps[batch.count] = step
      sums = sums + (try step.run(batch, state: state))
      guard sums.lossSum.isFinite else {
        throw TrainingError(
          .notFinite,
          "the network's answers to the test samples are no numbers; its rule has failed")
      }
    }
    return sums.accuracy
  }
}
