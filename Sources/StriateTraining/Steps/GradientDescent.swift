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
  private let rule: UpdateRule
  private let mixing: Mixing?
  private let frozen: Set<String>
  private let scalars: DType
  private var steps: [TensorType: TrainingStep] = [:]
  private var evaluations: [TensorType: EvaluationStep] = [:]

  /// Gradient descent by an optimiser alone.
  ///
  /// - Parameter frozen: paths whose parameters stay and whose batch norms keep their statistics.
  public convenience init(
    _ objective: Objective, optimizer: any Optimizer, frozen: Set<String> = [], on device: Device
  ) {
    self.init(objective, rule: UpdateRule(optimizer), frozen: frozen, on: device)
  }

  /// Gradient descent.
  ///
  /// - Parameters:
  ///   - rule: what happens between gradients and weights.
  ///   - mixing: how the samples of a batch are mixed; nil for not at all.
  ///   - frozen: paths whose parameters stay and whose batch norms keep their statistics.
  ///   - scalars: the element type of the fed numbers; `float64` where an oracle is to be exact.
  public init(
    _ objective: Objective, rule: UpdateRule, mixing: Mixing? = nil, frozen: Set<String> = [],
    scalars: DType = .float32, on device: Device
  ) {
    self.objective = objective
    self.rule = rule
    self.mixing = mixing
    self.frozen = frozen
    self.scalars = scalars
    self.device = device
  }

  /// First weights of the seed, slots of zeros, and the average equal to the weights.
  public func initialState(seed: UInt64) throws -> TrainState {
    var state = TrainState(weights: try objective.naming.initialWeights(seed: seed))
    for (path, parameter) in objective.trainable(frozen: frozen) {
      let zeros = HostTensor(zeros: parameter.type)
      for slot in rule.optimizer.slots {
        state.slots[OptimizerNames.slot(slot, of: path)] = zeros
      }
      if rule.accumulation > 1 { state.scratch[OptimizerNames.sum(of: path)] = zeros }
    }
    if rule.average != nil { state.average = state.weights }
    return state
  }

  /// The compiled step for a batch of this type.
  public func trainingStep(_ input: TensorType) throws -> TrainingStep {
    if let known = steps[input] { return known }
    let made = try TrainingStep(
      objective, rule: rule, mixing: mixing, input: input, frozen: frozen,
      scalars: scalars, on: device)
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

  /// Makes one step, or of several micro-batches a part of it: their gradients are averaged over all their
  /// samples, and the last one changes the weights.
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
