import StriateCore
import StriateData
import StriateRuntime

/// A way to learn from batches: gradient descent, or any other rule that a trainer can drive.
///
/// All that a rule keeps from step to step stands in the state, so that a saved state continues exactly.
public protocol TrainingRule {
  /// The device on which the rule's tensors live.
  var device: Device { get }

  /// The tensors with which a training starts, a function of the seed alone.
  func initialState(seed: UInt64) throws -> TrainState

  /// Learns from a batch: changes the state.
  func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics

  /// Measures a batch; changes nothing.
  func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics

  /// Says what first became NaN or infinite in the step that was just made; nil where nothing did.
  func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite?

  /// Says what first became NaN or infinite in the batch that was just measured; nil where nothing did.
  func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite?

  /// The classes that were answered to the batch that was just measured; nil where a rule gives none.
  func answers(_ batch: Batch) throws -> [Int]?
}

extension TrainingRule {
  /// Nothing: a rule need not answer in classes.
  public func answers(_ batch: Batch) throws -> [Int]? { nil }
}

/// The tensors of a training under their names.
public struct TrainState: Sendable, Equatable {
  /// The network's weights and buffers.
  public var weights: NamedTensors
  /// What the optimiser keeps.
  public var slots: NamedTensors

  /// Tensors of a training.
  public init(weights: NamedTensors, slots: NamedTensors = NamedTensors()) {
    self.weights = weights
    self.slots = slots
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

  /// A place in a training.
  public init(step: Int, seed: UInt64, learningRate: Double) {
    self.step = step
    self.seed = seed
    self.learningRate = learningRate
  }
}

/// Sums over samples.
public struct StepMetrics: Sendable, Hashable {
  /// The sum of the samples' losses.
  public var lossSum: Double
  /// The number of correct answers.
  public var correct: Double
  /// The number of samples.
  public var count: Int

  /// Sums over samples.
  public init(lossSum: Double = 0, correct: Double = 0, count: Int = 0) {
    self.lossSum = lossSum
    self.correct = correct
    self.count = count
  }

  /// The mean loss; 0 where there are no samples.
  public var loss: Double { count > 0 ? lossSum / Double(count) : 0 }
  /// The share of correct answers, from 0 to 1.
  public var accuracy: Double { count > 0 ? correct / Double(count) : 0 }

  /// The sums together.
  public static func + (a: StepMetrics, b: StepMetrics) -> StepMetrics {
    StepMetrics(
      lossSum: a.lossSum + b.lossSum, correct: a.correct + b.correct, count: a.count + b.count)
  }
}
