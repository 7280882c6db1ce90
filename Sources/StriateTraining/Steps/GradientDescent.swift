import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// Learning by the gradient of a loss: a program a batch size, all on one state.
public final class GradientDescent: TrainingRule {
  /// The device on which everything runs.
  public let device: Device
  /// What is learned.
  public let objective: Objective
  private let optimizer: any Optimizer
  private let frozen: Set<String>
  private var steps: [TensorType: TrainingStep] = [:]
  private var evaluations: [TensorType: EvaluationStep] = [:]

  /// Gradient descent.
  ///
  /// - Parameter frozen: paths whose parameters stay and whose batch norms keep their statistics.
  public init(
    _ objective: Objective, optimizer: any Optimizer, frozen: Set<String> = [], on device: Device
  ) {
    self.objective = objective
    self.optimizer = optimizer
    self.frozen = frozen
    self.device = device
  }

  /// First weights of the seed, and slots of zeros.
  public func initialState(seed: UInt64) throws -> TrainState {
    var slots = NamedTensors()
    for (path, parameter) in objective.trainable(frozen: frozen) {
      for slot in optimizer.slots {
        slots[OptimizerNames.slot(slot, of: path)] = HostTensor(zeros: parameter.type)
      }
    }
    return TrainState(weights: try objective.naming.initialWeights(seed: seed), slots: slots)
  }

  /// The compiled step for a batch of this type.
  public func trainingStep(_ input: TensorType) throws -> TrainingStep {
    if let known = steps[input] { return known }
    let made = try TrainingStep(
      objective, optimizer: optimizer, input: input, frozen: frozen, on: device)
    steps[input] = made
    return made
  }

  /// The compiled evaluation for a batch of this type.
  public func evaluationStep(_ input: TensorType) throws -> EvaluationStep {
    if let known = evaluations[input] { return known }
    let made = try EvaluationStep(objective, input: input, on: device)
    evaluations[input] = made
    return made
  }

  /// Makes one step.
  ///
  /// - Throws: `TrainingError` for a label that is no class of the model.
  public func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics {
    let step = try trainingStep(batch.inputs.type)
    try check(batch, classes: step.classes)
    return try step.run(batch, at: context, state: state)
  }

  /// Measures a batch.
  ///
  /// - Throws: `TrainingError` for a label that is no class of the model.
  public func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics {
    let evaluation = try evaluationStep(batch.inputs.type)
    try check(batch, classes: evaluation.classes)
    return try evaluation.run(batch, state: state)
  }

  /// Says what first became NaN or infinite in the step that was just made.
  public func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try trainingStep(batch.inputs.type).firstNonFinite(state: state)
  }

  /// Says what first became NaN or infinite in the batch that was just measured.
  public func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try evaluationStep(batch.inputs.type).firstNonFinite(state: state)
  }

  /// The most probable class of each sample in the batch that was just measured, the first of equal ones.
  public func answers(_ batch: Batch) throws -> [Int]? {
    let logits = try evaluationStep(batch.inputs.type).logits()
      .converted(to: .float32)
    let classes = logits.shape[-1]
    guard logits.shape.rank == 2, classes > 0 else { return nil }
    return logits.withUnsafeBytes { bytes in
      let values = bytes.bindMemory(to: Float.self)
      return stride(from: 0, to: values.count, by: classes).map { start in
        (0..<classes).reduce(0) { values[start + $1] > values[start + $0] ? $1 : $0 }
      }
    }
  }

  private func check(_ batch: Batch, classes: Int) throws(TrainingError) {
    let bad = batch.labels.withUnsafeBytes { bytes in
      bytes.bindMemory(to: Int32.self).firstIndex { $0 < 0 || Int($0) >= classes }
    }
    guard let bad else { return }
    let label = batch.labels.scalars(as: Int32.self)[bad]
    throw TrainingError(
      .mismatch,
      "sample \(batch.indices[bad]) has class \(label), the model tells \(classes) classes apart")
  }
}
