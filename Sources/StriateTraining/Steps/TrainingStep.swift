import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// One step of gradient descent as one program: forward, loss, backward, update, statistics.
///
/// Inputs are the ports of the batch, the optimiser's scalars `optimizer.<name>` and, where the model draws
/// random numbers, `random.key`. States are the weights, buffers and slots. Outputs are the mean `loss`,
/// the task's sums, such as the number of `correct` answers, and `gradient_norm` where it is asked for. Where the
/// loss is not finite no state changes, so that the step can be examined afterwards.
///
/// Where samples are mixed there are two further inputs, `labels.other` and `mixing.share`; the answers
/// counted as correct are those that name the class with the greater share. Where gradients are
/// accumulated, `accumulation.share` is what a micro-batch adds of its mean gradient to their sums, and
/// `accumulation.last` says whether it ends the step: only then do weights, slots and averages change.
public final class TrainingStep: Sendable {
  /// What is compiled.
  public let program: Program
  /// The type of what the network answers with: the first output of the task's judgement; nil where it has none.
  public let answer: TensorType?
  private let rule: UpdateRule
  private let mixing: Mixing?
  private let ports: BatchPorts
  private let key: Int?
  private let share: Int?
  private let last: Int?
  private let feed: UpdateFeed

  /// Compiles the step of a classifier for inputs of this type, with an optimiser alone.
  ///
  /// - Parameters:
  ///   - input: element type and shape of a batch's inputs, `[N, …]`.
  ///   - scalars: the element type of the fed numbers; `float64` where an oracle is to be exact.
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public convenience init(
    _ objective: Objective, optimizer: any Optimizer, input: TensorType,
    frozen: Set<String> = [], scalars: DType = .float32, on device: Device
  ) throws {
    try self.init(
      objective, rule: UpdateRule(optimizer), batch: BatchType(classifying: input),
      frozen: frozen, scalars: scalars, on: device)
  }

  /// Compiles the step for a batch of this type.
  ///
  /// - Parameters:
  ///   - mixing: how samples of a batch are mixed before they are learned from; nil for not at all.
  ///   - batch: the ports of a batch with their types.
  ///   - scalars: the element type of the fed numbers; `float64` where an oracle is to be exact.
  /// - Throws: `TraceError` with every fault of the model, `TrainingError` for settings that make no sense
  ///   with it, or the device's error.
  public init(
    _ objective: Objective, rule: UpdateRule, mixing: Mixing? = nil, batch: BatchType,
    frozen: Set<String> = [], scalars type: DType = .float32, on device: Device
  ) throws {
    try rule.validate()
    try mixing?.validate(for: batch)
    let trainable = objective.trainable(frozen: frozen)
    let variants = try UpdateVariants(
      rule.optimizer, rule.groups, of: trainable, naming: objective.naming)
    let update = UpdateBuilder(rule: rule, variants: variants, scalars: type)
    var answer: TensorType?
    program = try Program(
      on: device, options: TraceOptions(mode: .training, frozen: frozen), naming: objective.naming
    ) { builder in
      let ports = PortTensors(batch, in: builder)
      let judgement: Judgement
      if mixing == nil {
        judgement = objective.judge(ports)
      } else {
        let others = builder.input("labels.other", ports.labels.type)
        let share = builder.input("mixing.share", TensorType(type, .scalar))
        judgement = objective.judgeMixed(ports, others, share)
      }
      answer = judgement.outputs.first?.tensor.type
      if !judgement.loss.isPoisoned {
        learn(trainable, judgement.loss, update, objective.naming, in: builder)
      }
      builder.output("loss", judgement.loss)
      for (name, tensor) in judgement.sums { builder.output(name, tensor) }
    }
    self.answer = answer
    self.rule = rule
    self.mixing = mixing
    ports = try BatchPorts(program, batch: batch, sums: objective.task.sums)
    key = ports.input("random.key")
    share = ports.input(OptimizerNames.share)
    last = ports.input(OptimizerNames.isLast)
    feed = UpdateFeed(update, into: ports)
  }

  /// Runs the step: changes the state and gives the batch's loss and sums.
  ///
  /// - Throws: `TensorError` where the batch is not of the compiled type, or the device's error.
  public func run(
    _ batch: Batch, at context: StepContext, state: any ResidentState
  ) throws -> StepMetrics {
    // Of every micro-batch another number, of whole batches the step's.
    let draw = context.step &* max(rule.accumulation, 1) &+ context.part.index
    if let mixing {
      try ports.set(batch, mixed: mixing.draw(batch.inputs.shape, seed: context.seed, step: draw))
    } else {
      try ports.set(batch)
    }
    if let key {
      let bytes = ports.buffers.inputs[key]
      bytes.storeBytes(of: Int64(bitPattern: context.seed), as: Int64.self)
      bytes.storeBytes(of: Int64(draw), toByteOffset: 8, as: Int64.self)
    }
    if let share { ports.set(share, to: context.part.share) }
    if let last { ports.set(last, to: context.part.isLast ? 1 : 0) }
    feed.set(ports, at: context)
    try program.executable.run(ports.buffers, state: state)
    let mean = ports.loss
    return StepMetrics(
      lossSum: mean * Double(batch.count), count: batch.count, sums: ports.sums,
      gradientNorm: context.part.isLast ? ports.gradientNorm : nil)
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
private func learn(
  _ trainable: [(path: String, parameter: Parameter)], _ loss: Tensor, _ update: UpdateBuilder,
  _ naming: Naming, in builder: GraphBuilder
) {
  // A weight that the model does not read gets no gradient, and so no decay either.
  let read = Set(builder.graph.states.map(\.name))
  let weights = trainable.filter { read.contains($0.path) }.map {
    (path: $0.path, weight: builder.read($0.parameter))
  }
  // What the forward pass changes are buffers, such as running statistics.
  let buffers = Set(builder.graph.states.filter { $0.update != nil }.map(\.name))
  let gradients = builder.gradients(of: loss, in: weights.map(\.weight))
  builder.phase = .update
  // NaN compares false.
  let isFinite = abs(loss) .< Double(Float.greatestFiniteMagnitude)

  var (sums, ends) = (gradients, isFinite)
  if update.rule.accumulation > 1 {
    let share = builder.input(OptimizerNames.share, TensorType(update.scalars, .scalar))
    let last = builder.input(OptimizerNames.isLast, TensorType(update.scalars, .scalar))
    ends = select(isFinite, last, 0.0) .> 0.5
    sums = zip(weights, gradients).map { entry, gradient in
      let name = OptimizerNames.sum(of: entry.path)
      let former = builder.state(name, entry.weight.type)
      let sum = former + gradient * share.converted(to: gradient.dtype)
      builder.update(name, select(isFinite, select(last .> 0.5, 0.0, sum), former))
      return sum
    }
  }
  let guarded = Set(builder.graph.states.filter { $0.update != nil }.map(\.name))
  update.update(weights, by: sums, in: builder)
  let names = naming.parameters.map(\.path)
  let new = builder.graph.states.reduce(into: [String: ValueID]()) { $0[$1.name] = $1.update }
  update.average(
    names.compactMap { name in new[name].map { (name, Tensor(builder: builder, id: $0)) } },
    in: builder)

  for state in builder.graph.states {
    guard let changed = state.update, !guarded.contains(state.name) || buffers.contains(state.name)
    else { continue }
    let condition = buffers.contains(state.name) ? isFinite : ends
    let old = Tensor(builder: builder, id: state.value)
    builder.update(state.name, select(condition, Tensor(builder: builder, id: changed), old))
  }
}
