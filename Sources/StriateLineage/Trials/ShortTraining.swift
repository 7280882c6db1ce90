import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// A training of seconds, in memory: what claims are tried with.
struct ShortTraining: Sendable {
  /// Passes over the samples, at most.
  var passes = 5
  /// Samples a step.
  var batchSize = 64
  /// The rule by which gradients change weights.
  var optimizer: any Optimizer = SGD(momentum: 0.9, weightDecay: 5e-4)
  /// The learning rate that the schedule shapes.
  var learningRate = 0.05
  /// How the learning rate changes.
  var schedule = Schedule.oneCycle()
  /// Paths whose parameters stay as they are.
  var frozen: Set<String> = []
  /// The share of wrong answers, over the newest thousand training samples, at which it ends; nil for all passes.
  var goal: Double?

  /// Trains a network.
  ///
  /// - Parameter weights: what it begins with in place of the seed's.
  /// - Throws: `TrainingError` for labels that are no class of it, or the device's error.
  func run(
    _ model: some Layer, on data: any Dataset, seed: UInt64, from weights: NamedTensors? = nil,
    device: Device
  ) throws -> TrainedNetwork {
    let descent = GradientDescent(
      Objective(model), optimizer: optimizer, frozen: frozen, on: device)
    let state = device.backend.makeState()
    var start = try descent.initialState(seed: seed)
    for (name, value) in weights ?? NamedTensors() where start.weights[name] != nil {
      start.weights[name] = value
    }
    try start.write(to: state)
    var trained = TrainedNetwork(descent: descent, state: state)
    let loader = try Loader(
      data, batchSize: batchSize, shuffle: true, seed: seed, rest: .dropped)
    let rates = LearningRate(
      base: learningRate, schedule: schedule, warmup: nil,
      totalSteps: max(passes * loader.batchCount, 1))
    var newest: [(wrong: Double, count: Int)] = []
    for pass in 0..<passes {
      var total = StepMetrics()
      let batches = loader.batches(epoch: pass)
      while let batch = try batches.next() {
        let context = StepContext(
          step: trained.steps, seed: seed, learningRate: rates.rate(step: trained.steps))
        let metrics = try descent.step(state, batch, at: context)
        total = total + metrics
        trained.steps += 1
        newest.append((Double(metrics.count) - metrics.correct, metrics.count))
        if newest.count > max(1000 / batchSize, 1) { newest.removeFirst() }
        guard let goal, newest.count == max(1000 / batchSize, 1) else { continue }
        let seen = newest.reduce(0) { $0 + $1.count }
        if newest.reduce(0, { $0 + $1.wrong }) <= goal * Double(seen) {
          trained.hasReachedGoal = true
          batches.stop()
          return trained
        }
      }
      trained.losses.append(total.loss)
      trained.errors.append(1 - total.accuracy)
    }
    return trained
  }
}

/// A network that learned, on its device.
struct TrainedNetwork {
  /// How it learned, and is asked.
  let descent: GradientDescent
  /// Its weights.
  let state: any ResidentState
  /// Steps that it made.
  var steps = 0
  /// The mean loss of each pass, as it was learned from.
  var losses: [Double] = []
  /// The share of wrong answers in each pass.
  var errors: [Double] = []
  /// Whether the training ended because its goal was reached.
  var hasReachedGoal = false

  init(descent: GradientDescent, state: any ResidentState) {
    self.descent = descent
    self.state = state
  }

  /// Loss and accuracy on other samples.
  func measure(_ data: any Dataset) throws -> StepMetrics {
    var total = StepMetrics()
    let batches = try Loader(data, batchSize: 250).batches(epoch: 0)
    while let batch = try batches.next() { total = try total + descent.evaluate(state, batch) }
    guard total.lossSum.isFinite else {
      throw TrainingError(.notFinite, "the network's answers are no numbers")
    }
    return total
  }

  /// The share of other samples that it answers rightly.
  func accuracy(_ data: any Dataset) throws -> Double { try measure(data).accuracy }

  /// Its weights and statistics.
  func weights() throws -> NamedTensors {
    try descent.initialState(seed: 0).read(from: state).weights
  }

  /// The same network with other weights; what is not named stays as it is.
  func with(_ changes: NamedTensors) throws -> TrainedNetwork {
    var all = try descent.initialState(seed: 0).read(from: state)
    for (name, value) in changes { all.weights[name] = value }
    let other = descent.device.backend.makeState()
    try all.write(to: other)
    return TrainedNetwork(descent: descent, state: other)
  }
}
