import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// One step of gradient descent as one program: forward, loss, backward, update, statistics.
///
/// Inputs `input` and `labels`, the optimiser's scalars `optimizer.<name>` and, where the model draws
/// random numbers, `random.key`. States are the weights, buffers and slots. Outputs are the mean `loss`
/// and the number of `correct` answers. Where the loss is not finite no state changes, so that the step
/// can be examined afterwards.
public final class TrainingStep: Sendable {
  /// What is compiled.
  public let program: Program
  /// The number of classes that the model tells apart.
  public let classes: Int
  private let optimizer: any Optimizer
  private let ports: BatchPorts
  private let key: Int?
  private let scalars: [Int?]

  /// Compiles the step for a batch of this type.
  ///
  /// - Parameters:
  ///   - input: element type and shape of a batch, `[N, …]`.
  ///   - scalars: the element type of the fed numbers; `float64` where an oracle is to be exact.
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public init(
    _ objective: Objective, optimizer: any Optimizer, input: TensorType,
    frozen: Set<String> = [], scalars type: DType = .float32, on device: Device
  ) throws {
    var classes = 0
    program = try Program(
      on: device, options: TraceOptions(mode: .training, frozen: frozen), naming: objective.naming
    ) { builder in
      let labels = builder.input("labels", TensorType(.int32, [input.shape[0]]))
      let answer = objective.judge(builder.input("input", input), labels)
      let correct = correctCount(answer.logits, labels: labels)
      classes = answer.logits.shape[-1]
      let weights = objective.trainable(frozen: frozen)
      update(weights, by: optimizer, loss: answer.loss, scalars: type, in: builder)
      builder.output("loss", answer.loss)
      builder.output("correct", correct)
    }
    self.classes = classes
    self.optimizer = optimizer
    ports = try BatchPorts(program)
    let names = ports.buffers.inputPorts.map(\.name)
    key = names.firstIndex(of: "random.key")
    self.scalars = optimizer.scalars.map { scalar in
      names.firstIndex(of: OptimizerNames.scalar(scalar))
    }
  }

  /// Runs the step: changes the state and gives the batch's loss and number of correct answers.
  ///
  /// - Throws: `TensorError` where the batch is not of the compiled type, or the device's error.
  public func run(
    _ batch: Batch, at context: StepContext, state: any ResidentState
  ) throws -> StepMetrics {
    try ports.set(batch)
    if let key {
      let bytes = ports.buffers.inputs[key]
      bytes.storeBytes(of: Int64(bitPattern: context.seed), as: Int64.self)
      bytes.storeBytes(of: Int64(context.step), toByteOffset: 8, as: Int64.self)
    }
    for (index, port) in scalars.enumerated() {
      guard let port else { continue }
      let value = optimizer.scalar(
        index, step: context.step + 1, learningRate: context.learningRate)
      ports.set(port, to: value)
    }
    try program.executable.run(ports.buffers, state: state)
    let mean = ports.loss
    return StepMetrics(
      lossSum: mean * Double(batch.count), correct: ports.correct, count: batch.count)
  }

  /// Where the step's first NaN or infinity comes from, by the interpreter; nil where there is none.
  ///
  /// Examines what the last run was fed; the state is not changed.
  public func firstNonFinite(state: any ResidentState) throws -> NonFinite? {
    try Interpreter<Float>.firstNonFinite(
      in: program.graph, inputs: ports.inputs(), state: state)
  }
}

/// Builds the gradients and the updates, none of which happens where the loss is not finite.
private func update(
  _ weights: [(path: String, parameter: Parameter)], by optimizer: any Optimizer, loss: Tensor,
  scalars type: DType, in builder: GraphBuilder
) {
  // A weight that the model does not read gets no gradient, and so no decay either.
  let read = Set(builder.graph.states.map(\.name))
  let weights = weights.filter { read.contains($0.path) }
  let tensors = weights.map { builder.read($0.parameter) }
  let gradients = builder.gradients(of: loss, in: tensors)
  if loss.isPoisoned { return }

  builder.phase = .update
  let fed = optimizer.scalars.map { scalar in
    builder.input(OptimizerNames.scalar(scalar), TensorType(type, .scalar))
  }
  for ((path, _), (weight, gradient)) in zip(weights, zip(tensors, gradients)) {
    let names = optimizer.slots.map { OptimizerNames.slot($0, of: path) }
    let slots = names.map { builder.state($0, weight.type) }
    let scalars = fed.map { $0.converted(to: weight.dtype) }
    let new = optimizer.update(weight, gradient: gradient, slots: slots, scalars: scalars)
    builder.update(path, new.weight)
    for (name, slot) in zip(names, new.slots) { builder.update(name, slot) }
  }

  // NaN compares false.
  let isFinite = abs(loss) .< Double(Float.greatestFiniteMagnitude)
  for state in builder.graph.states {
    guard let changed = state.update else { continue }
    let old = Tensor(builder: builder, id: state.value)
    builder.update(state.name, select(isFinite, Tensor(builder: builder, id: changed), old))
  }
}
