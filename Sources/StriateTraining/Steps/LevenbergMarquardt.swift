import StriateCore
import StriateData
import StriateIR
import StriateRuntime

/// Stochastic diagonal Levenberg–Marquardt: gradient descent whose curvatures are measured anew before each pass.
///
/// From the first samples of the pass one reverse walk gives every weight's curvature
/// (`GraphBuilder.curvatures`), which stays until the next pass (LeCun, Bottou, Bengio and Haffner, 1998, appendix C).
public final class LevenbergMarquardt: TrainingRule {
  /// Samples that curvatures are measured on, the paper's number.
  public static let sampleCount = 500
  /// The gradient descent.
  public let descent: GradientDescent
  private let samples: any Dataset
  private let stepsPerPass: Int
  private let frozen: Set<String>
  private var estimates: [BatchType: Program] = [:]

  /// Gradient descent by `DiagonalLevenbergMarquardt` with curvatures from some samples.
  public init(
    _ descent: GradientDescent, samples: any Dataset, stepsPerPass: Int, frozen: Set<String> = []
  ) {
    self.descent = descent
    self.samples = samples
    self.stepsPerPass = max(stepsPerPass, 1)
    self.frozen = frozen
  }

  /// How answers are judged.
  public var task: any LearningTask { descent.task }
  /// The device on which everything runs.
  public var device: Device { descent.device }

  /// First weights of the seed, and curvatures of zero.
  public func initialState(seed: UInt64) throws -> TrainState {
    try descent.initialState(seed: seed)
  }

  /// Makes one step; before the first of a pass, measures curvatures.
  ///
  /// - Throws: `TrainingError` where the objective says nothing of its curvature, `DataError` where samples cannot be
  ///   read, or the device's error.
  public func step(
    _ state: any ResidentState, _ batch: Batch, at context: StepContext
  ) throws -> StepMetrics {
    if context.step % stepsPerPass == 0, context.part.index == 0 {
      try measure(state, seed: context.seed, pass: context.step / stepsPerPass)
    }
    return try descent.step(state, batch, at: context)
  }

  /// Measures a batch.
  public func evaluate(_ state: any ResidentState, _ batch: Batch) throws -> StepMetrics {
    try descent.evaluate(state, batch)
  }

  /// What gradient descent says.
  public func refusal(of batch: BatchType) -> String? { descent.refusal(of: batch) }

  public func fault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try descent.fault(state, batch)
  }

  public func evaluationFault(_ state: any ResidentState, _ batch: Batch) throws -> NonFinite? {
    try descent.evaluationFault(state, batch)
  }

  public func answers(_ batch: Batch) throws -> [Int]? { try descent.answers(batch) }

  private func measure(_ state: any ResidentState, seed: UInt64, pass: Int) throws {
    let loader = try Loader(
      samples, batchSize: Self.sampleCount, shuffle: true, seed: seed, threads: 0)
    guard let batch = try loader.batches(epoch: pass).next() else { return }
    let type = batch.type
    let program = try estimates[type] ?? compile(type)
    estimates[type] = program
    var inputs: [String: HostTensor] = [:]
    for (entry, tensor) in zip(type.entries, batch.tensors) { inputs[entry.name] = tensor }
    _ = try program.run(inputs, state: state)
  }

  /// The program that puts curvatures into their slots, of the network as it is used: nothing is dropped, batch norm is
  /// by its running statistics.
  func compile(_ batch: BatchType) throws -> Program {
    let objective = descent.objective
    let trainable = objective.trainable(frozen: frozen)
    return try Program(
      on: device, options: TraceOptions(mode: .inference), naming: objective.naming
    ) { builder in
      guard let seed = objective.curvature(PortTensors(batch, in: builder)) else {
        _ = builder.refuse(
          "curvature", "the loss says nothing of its curvature; train by another optimiser",
          operands: [])
        return
      }
      let weights = trainable.map { builder.read($0.parameter) }
      for (entry, bend) in zip(trainable, builder.curvatures(from: [seed], in: weights)) {
        let slot = OptimizerNames.slot(DiagonalLevenbergMarquardt.curvature, of: entry.path)
        _ = builder.state(slot, bend.type)
        // What is left out may make a sum negative that as a whole is not.
        builder.update(slot, abs(bend))
      }
    }
  }
}
