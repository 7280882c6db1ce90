import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// How the Neocognitron learns, as a rule that any trainer drives: the first pass over the samples teaches the second
/// stage, the second pass the third, all further ones the last.
///
/// No gradient of any loss takes part. A plane or vector of zeros has learned nothing yet, so that the weights alone say
/// how far the learning is and a saved run continues exactly.
public final class NeocognitronRule: TrainingRule {
  /// The fewest passes that teach all stages.
  public static let leastPasses = 3
  /// The network.
  public let network: Neocognitron
  /// How the middle stages learn.
  public let planeRule: PlaneRule
  /// The device on which everything runs.
  public let device: Device
  private let naming: Naming
  private let stepsPerPass: Int
  private var features: [StageType: Program] = [:]
  private var stages: [Int: StageLearning] = [:]
  private var references: ReferenceLearning?
  private var evaluations: [TensorType: EvaluationStep] = [:]
  /// Free planes by stage, and the vectors of each class: what the weights say, counted once.
  private var free: [Int: Set<Int>] = [:]
  private var used: [Int]?

  private struct StageType: Hashable {
    var stage: Int
    var input: TensorType
  }

  /// A rule for training samples of this number.
  public init(
    _ network: Neocognitron, planeRule: PlaneRule = .addIfSilent, samples: Int, batchSize: Int,
    on device: Device
  ) {
    self.network = network
    self.planeRule = planeRule
    self.device = device
    naming = Naming(network)
    stepsPerPass = max(BatchCut(samples, batchSize: batchSize).batchCount, 1)
  }

  /// Weights of zero: nothing is learned.
  public func initialState(seed: UInt64) throws -> TrainState {
    TrainState(weights: try naming.initialWeights(seed: seed))
  }

  /// Shows a batch's pictures one after the other to the stage whose turn it is.
  ///
  /// - Returns: of a middle stage the planes that were added in the place of a loss; of the last one the answers that
  ///   were right.
  public func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics {
    let pass = context.step / stepsPerPass
    let stage = min(pass + 2, 4)
    let seen = try seen(batch, before: stage, state)
    let labels = batch.labels.scalars(as: Int32.self)
    var metrics = StepMetrics(count: batch.count)
    if stage < 4 {
      let learning = try learning(stage, seen)
      var open = try free[stage] ?? planes(stage, state)
      if planeRule == .addIfSilent, open.isEmpty { return metrics }
      for index in 0..<batch.count {
        metrics.lossSum += Double(
          try learning.learn(try Self.row(index, of: seen), state, free: &open))
      }
      free[stage] = open
      return metrics
    }
    let learning =
      try references ?? ReferenceLearning(network.s4, path: "s4.a", naming: naming, on: device)
    references = learning
    if pass > 2, context.step % stepsPerPass == 0, context.part.index == 0 {
      try learning.weaken(state)
    }
    var counts = try used ?? vectors(state)
    for (index, label) in labels.enumerated() {
      guard counts.indices.contains(Int(label)) else {
        throw TrainingError(
          .mismatch,
          "sample \(batch.indices[index]) has class \(label), the model tells \(counts.count) classes apart"
        )
      }
      let isRight = try learning.learn(
        try Self.row(index, of: seen), label: Int(label), state, used: &counts)
      metrics.correct += isRight ? 1 : 0
    }
    used = counts
    return metrics
  }

  /// Measures a batch.
  public func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics {
    try evaluation(batch.inputs.type).run(batch, state: state)
  }

  /// Nothing here becomes infinite.
  public func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? { nil }

  public func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try evaluation(batch.inputs.type).firstNonFinite(state: state)
  }

  public func answers(_ batch: Batch) throws -> [Int]? {
    let logits = try evaluation(batch.inputs.type).logits().scalars(as: Float.self)
    let classes = network.s4.a.type.shape[0]
    return stride(from: 0, to: logits.count, by: classes).map { start in
      (0..<classes).reduce(0) { logits[start + $1] > logits[start + $0] ? $1 : $0 }
    }
  }

  private func evaluation(_ type: TensorType) throws -> EvaluationStep {
    if let known = evaluations[type] { return known }
    let made = try EvaluationStep(Objective(network), input: type, on: device)
    evaluations[type] = made
    return made
  }

  /// What reaches a stage, of all pictures of a batch at once: the stages before it no longer learn.
  private func seen(
    _ batch: Batch, before stage: Int, _ state: any ResidentState
  ) throws -> HostTensor {
    let key = StageType(stage: stage, input: batch.inputs.type)
    let program =
      try features[key]
      ?? Program(on: device, options: TraceOptions(mode: .inference), naming: naming) { builder in
        builder.output("seen", network.before(stage, builder.input("input", key.input)))
      }
    features[key] = program
    return try program.run(["input": batch.inputs], state: state)["seen"]
      ?? HostTensor(zeros: TensorType(.float32, [0]))
  }

  private func learning(_ stage: Int, _ seen: HostTensor) throws -> StageLearning {
    if let known = stages[stage] { return known }
    let one = TensorType(.float32, Shape([1] + seen.shape.dims.dropFirst()))
    let made = try StageLearning(
      stage == 2 ? network.s2 : network.s3, path: "s\(stage).a", rule: planeRule, seen: one,
      naming: naming, on: device)
    stages[stage] = made
    return made
  }

  /// The planes of a stage that have learned nothing.
  private func planes(_ stage: Int, _ state: any ResidentState) throws -> Set<Int> {
    let rows = try state.learnedRows("s\(stage).a", axes: 1)
    return Set(rows.indices.filter { !rows[$0] })
  }

  /// The reference vectors that every class has.
  private func vectors(_ state: any ResidentState) throws -> [Int] {
    let rows = try state.learnedRows("s4.a", axes: 2)
    return (0..<network.s4.a.type.shape[0]).map { label in
      rows[(label * network.s4.perClass)..<((label + 1) * network.s4.perClass)].count { $0 }
    }
  }

  /// One picture's part of a batch's tensor, as a batch of one.
  private static func row(_ index: Int, of tensor: HostTensor) throws -> HostTensor {
    let type = TensorType(.float32, Shape([1] + tensor.shape.dims.dropFirst()))
    let size = type.byteCount
    return tensor.withUnsafeBytes { bytes in
      HostTensor(type: type) {
        $0.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[(index * size)..<((index + 1) * size)]))
      }
    }
  }
}
