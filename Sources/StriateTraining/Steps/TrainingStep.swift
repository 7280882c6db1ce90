import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// One step of gradient descent as one program: forward, loss, backward, update, statistics.
///
/// Inputs `input` and `labels`, the optimiser's scalars `optimizer.<name>` and, where the model draws
/// random numbers, `random.key`. States are the weights, buffers and slots. Outputs are the mean `loss`
/// and the number of `correct` answers, and `gradient_norm` where it is asked for. Where the loss is not
/// finite no state changes, so that the step can be examined afterwards.
///
/// Where samples are mixed there are two further inputs, `labels.other` and `mixing.share`; the answers
/// counted as correct are those that name the class with the greater share. Where gradients are
/// accumulated, `accumulation.share` is what a micro-batch adds of its mean gradient to their sums, and
/// `accumulation.last` says whether it ends the step: only then do weights, slots and averages change.
public final class TrainingStep: Sendable {
  /// What is compiled.
  public let program: Program
  /// The number of classes that the model tells apart.
  public let classes: Int
  private let rule: UpdateRule
  private let mixing: Mixing?
  private let ports: BatchPorts
  private let key: Int?
  private let share: Int?
  private let last: Int?
  private let feed: UpdateFeed

  /// Compiles the step for a batch of this type, with an optimiser alone.
  ///
  /// - Parameters:
  ///   - input: element type and shape of a batch, `[N, …]`.
  ///   - scalars: the element type of the fed numbers; `float64` where an oracle is to be exact.
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public convenience init(
    _ objective: Objective, optimizer: any Optimizer, input: TensorType,
    frozen: Set<String> = [], scalars: DType = .float32, on device: Device
  ) throws {
    try self.init(
      objective, rule: UpdateRule(optimizer), input: input, frozen: frozen, scalars: scalars,
      on: device)
  }

  /// Compiles the step for a batch of this type.
  ///
  /// - Parameters:
  ///   - mixing: how samples of a batch are mixed before they are learned from; nil for not at all.
  ///   - input: element type and shape of a batch, `[N, …]`.
  ///   - scalars: the element type of the fed numbers; `float64` where an oracle is to be exact.
  /// - Throws: `TraceError` with every fault of the model, `TrainingError` for settings that make no sense
  ///   with it, or the device's error.
  public init(
    _ objective: Objective, rule: UpdateRule, mixing: Mixing? = nil, input: TensorType,
    frozen: Set<String> = [], scalars type: DType = .float32, on device: Device
  ) throws {
    try rule.validate()
    try mixing?.validate(for: input)
    let trainable = objective.trainable(frozen: frozen)
    let variants = try UpdateVariants(
      rule.optimizer, rule.groups, of: trainable, naming: objective.naming)
    let update = UpdateBuilder(rule: rule, variants: variants, scalars: type)
    var classes = 0
    program = try Program(
      on: device, options: TraceOptions(mode: .training, frozen: frozen), naming: objective.naming
    ) { builder in
      let labels = builder.input("labels", TensorType(.int32, [input.shape[0]]))
      let answer: Objective.Judgement
      if mixing == nil {
        answer = objective.judge(builder.input("input", input), labels)
      } else {
        answer = objective.judgeMixed(
          builder.input("input", input),
          labels, builder.input("labels.other", labels.type),
          builder.input("mixing.share", TensorType(type, .scalar)))
      }
      let correct = correctCount(answer.logits, labels: labels)
      classes = answer.logits.shape[-1]
      if !answer.loss.isPoisoned {
        learn(trainable, answer.loss, update, objective.naming, in: builder)
      }
      builder.output("loss", answer.loss)
      builder.output("correct", correct)
    }
    self.classes = classes
    self.rule = rule
    self.mixing = mixing
    ports = try BatchPorts(program)
    key = ports.input("random.key")
    share = ports.input(OptimizerNames.share)
    last = ports.input(OptimizerNames.isLast)
    feed = UpdateFeed(update, into: ports)
  }

  /// Runs the step: changes the state and gives the batch's loss and number of correct answers.
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
      lossSum: mean * Double(batch.count), correct: ports.correct, count: batch.count,
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
