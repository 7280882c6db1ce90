import StriateCore
import StriateData
import StriateRuntime

/// A way to learn from batches: gradient descent, or any other rule that a trainer can drive.
///
/// All that a rule keeps from step to step stands in the state, so that a saved state continues exactly.
public protocol TrainingRule {
  /// The device on which the rule's tensors live.
  var device: Device { get }

  /// What is learned and measured; classification by default.
  var task: any LearningTask { get }

  /// The tensors with which a training starts, a function of the seed alone.
  func initialState(seed: UInt64) throws -> TrainState

  /// Learns from a batch: changes the state.
  ///
  /// Of a step over several micro-batches it is called for each; the last one ends the step.
  func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics

  /// Measures a batch; changes nothing.
  func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics

  /// Why no batch of this type can be learned from, known before anything is computed; nil where one can, or where
  /// the rule cannot tell.
  func refusal(of batch: BatchType) -> String?

  /// Says what first became NaN or infinite in the step that was just made; nil where nothing did.
  func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite?

  /// Says what first became NaN or infinite in the batch that was just measured; nil where nothing did.
  func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite?

  /// The classes that were answered to the batch that was just measured; nil where a rule gives none.
  func answers(_ batch: Batch) throws -> [Int]?
}

extension TrainingRule {
  /// Classification.
  public var task: any LearningTask { Classification() }

  /// Nothing: a rule need not know.
  public func refusal(of batch: BatchType) -> String? { nil }

  /// Nothing: a rule need not answer in classes.
  public func answers(_ batch: Batch) throws -> [Int]? { nil }
}

/// The tensors of a training under their names.
public struct TrainState: Sendable, Equatable {
  /// The network's weights and buffers.
  public var weights: NamedTensors
  /// What the optimiser keeps.
  public var slots: NamedTensors
  /// The running average of weights and buffers, under their names; empty where none is kept.
  public var average = NamedTensors()
  /// What a step needs for itself and leaves between steps as it is here; never saved.
  public var scratch = NamedTensors()

  /// Tensors of a training.
  public init(weights: NamedTensors, slots: NamedTensors = NamedTensors()) {
    self.weights = weights
    self.slots = slots
  }

  /// Puts all tensors onto a device, averages under names of their own.
  public func write(to state: any ResidentState) throws {
    try state.write(weights)
    try state.write(slots)
    var averages = NamedTensors()
    for (name, value) in average { averages[OptimizerNames.average(of: name)] = value }
    try state.write(averages)
    try state.write(scratch)
  }

  /// The same tensors as they now stand on a device.
  public func read(from state: any ResidentState) throws -> TrainState {
    var read = TrainState(
      weights: try state.read(weights.names), slots: try state.read(slots.names))
    read.average = try readAverage(from: state)
    read.scratch = scratch
    return read
  }

  /// The average as it now stands on a device.
  func readAverage(from state: any ResidentState) throws -> NamedTensors {
    let averages = try state.read(average.names.map { OptimizerNames.average(of: $0) })
    var plain = NamedTensors()
    for name in average.names { plain[name] = averages[OptimizerNames.average(of: name)] }
    return plain
  }
}

/// Where in a training a step stands: all that it may depend on beside state and batch.
public struct StepContext: Sendable, Hashable {
  /// Steps made before, counted from 0.
  public var step: Int
  /// The seed of the run.
  public var seed: UInt64
  /// The learning rate.
  public var learningRate: Double
  /// Which part of the step's samples the batch is; all of them, unless gradients are accumulated.
  public var part = Part()

  /// A micro-batch's place in its step.
  public struct Part: Sendable, Hashable {
    /// Its number, counted from 0.
    public var index: Int
    /// Its share of the step's samples.
    public var share: Double
    /// Whether it ends the step.
    public var isLast: Bool

    /// A place in a step.
    public init(index: Int = 0, share: Double = 1, isLast: Bool = true) {
      self.index = index
      self.share = share
      self.isLast = isLast
    }
  }

  /// A place in a training.
  public init(step: Int, seed: UInt64, learningRate: Double) {
    self.step = step
    self.seed = seed
    self.learningRate = learningRate
  }
}

/// Sums over examples: what metrics are made of.
public struct StepMetrics: Sendable, Hashable {
  /// The sum of the examples' losses.
  public var lossSum: Double
  /// The number of examples.
  public var count: Int
  /// The task's sums, in the order of `LearningTask.sums`.
  public var sums: SIMD8<Double>
  /// What the task counts on the host, in its own order; empty where it counts nothing there.
  public var tally: [Double]
  /// The norm of the newest update's gradients, before clipping; nil where it is not computed.
  public var gradientNorm: Double?

  /// Sums over examples.
  public init(
    lossSum: Double = 0, count: Int = 0, sums: SIMD8<Double> = SIMD8(), tally: [Double] = [],
    gradientNorm: Double? = nil
  ) {
    self.lossSum = lossSum
    self.count = count
    self.sums = sums
    self.tally = tally
    self.gradientNorm = gradientNorm
  }

  /// The mean loss; 0 where there are no examples.
  public var loss: Double { count > 0 ? lossSum / Double(count) : 0 }

  /// The sums together.
  public static func + (a: StepMetrics, b: StepMetrics) -> StepMetrics {
    let tally =
      a.tally.isEmpty || b.tally.isEmpty
      ? a.tally + b.tally : zip(a.tally, b.tally).map { $0 + $1 }
    return StepMetrics(
      lossSum: a.lossSum + b.lossSum, count: a.count + b.count, sums: a.sums + b.sums,
      tally: tally, gradientNorm: b.gradientNorm ?? a.gradientNorm)
  }
}
