import StriateCore
import StriateData
import StriateModels
import StriateRuntime
import StriateTraining

/// The Neocognitrons of 1983 and 1988 as a rule that any trainer drives: they begin with what their teacher taught them,
/// and further pictures change nothing.
public final class TaughtNeocognitronRule: TrainingRule {
  /// The device on which everything runs.
  public let device: Device
  private let network: TaughtNeocognitron
  private let samples: any Dataset
  private var evaluations: [TensorType: EvaluationStep] = [:]

  /// A rule whose teacher chooses among training pictures.
  public init(_ network: TaughtNeocognitron, samples: any Dataset, on device: Device) {
    self.network = network
    self.samples = samples
    self.device = device
  }

  /// The weights as taught; the seed has no part in them.
  public func initialState(seed: UInt64) throws -> TrainState {
    TrainState(
      weights: try NeocognitronTeacher(network, samples: samples, on: device).weights())
  }

  /// Measures the batch.
  public func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics { try evaluate(state, batch) }

  /// Measures a batch.
  public func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics {
    try evaluation(batch.inputs.type).run(batch, state: state)
  }

  /// Nothing here becomes infinite.
  public func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? { nil }

  public func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try evaluation(batch.inputs.type).firstNonFinite(state: state)
  }

  private func evaluation(_ type: TensorType) throws -> EvaluationStep {
    if let known = evaluations[type] { return known }
    let made = try EvaluationStep(Objective(network), input: type, on: device)
    evaluations[type] = made
    return made
  }
}
