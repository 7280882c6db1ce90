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
  private var steps: [BatchType: TrainingStep] = [:]
  private var evaluations: [BatchType: EvaluationStep] = [:]

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
  public func trainingStep(_ batch: BatchType) throws -> TrainingStep {
    if let known = steps[batch] { return known }
    let made = try TrainingStep(
      objective, rule: rule, mixing: mixing, batch: batch, frozen: frozen,
      scalars: scalars, on: device)
    steps[batch] = made
    return made
  }

  /// The compiled evaluation for a batch of this type.
  public func evaluationStep(_ batch: BatchType) throws -> EvaluationStep {
    if let known = evaluations[batch] { return known }
    let made = try EvaluationStep(objective, batch: batch, on: device)
    evaluations[batch] = made
    return made
  }

  /// Makes one step, or of several micro-batches a part of it: their gradients are averaged over all their
  /// samples, and the last one changes the weights.
  ///
  /// - Throws: `TrainingError` for a batch that the task cannot be learned from, as by a label that is no class.
  public func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics {
    let step = try trainingStep(batch.type)
    try objective.task.check(batch, answer: step.answer)
    return try step.run(batch, at: context, state: state)
  }

  /// Measures a batch.
  ///
  /// - Throws: `TrainingError` for a batch that the task cannot be learned from, as by a label that is no class.
  public func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics {
    let evaluation = try evaluationStep(batch.type)
    try objective.task.check(batch, answer: evaluation.answer)
    return try evaluation.run(batch, state: state)
  }

  /// The first fault of the model's and the loss's trace in training: one value a channel under batch norm, say.
  public func refusal(of batch: BatchType) -> String? {
    let builder = GraphBuilder(
      options: TraceOptions(mode: .training, frozen: frozen), naming: objective.naming)
    builder.output("loss", objective.judge(PortTensors(batch, in: builder)).loss)
    do { _ = try builder.finish() } catch {
      return error.diagnostics.first?.description ?? "\(error)"
    }
    return nil
  }

  /// Says what first became NaN or infinite in the step that was just made.
  public func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try trainingStep(batch.type).firstNonFinite(state: state)
  }

  /// Says what first became NaN or infinite in the batch that was just measured.
  public func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try evaluationStep(batch.type).firstNonFinite(state: state)
  }

  /// How answers are judged.
  public var task: any LearningTask { objective.task }

  /// The class answered to each example of the batch that was just measured; nil where the task has none.
  public func answers(_ batch: Batch) throws -> [Int]? {
    try objective.task.answers(evaluationStep(batch.type).output)
  }
}
