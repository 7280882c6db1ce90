import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// A model together with what it is fed: what summaries, profiles and pictures are made of.
///
/// ```swift
/// let subject = ModelSubject(LeNet5(), named: "lenet5", input: [1, 28, 28], batch: 128)
/// let pair = ModelSubject(matcher, named: "matcher") { builder in
///   Matcher.Input(
///     image: builder.input("image", TensorType(.float32, [8, 3, 32, 32])),
///     words: builder.input("words", TensorType(.int32, [8, 12])))
/// }
/// ```
public struct ModelSubject: Sendable {
  /// What is looked at of a model.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// A step of learning: forward, loss, backward, update.
    case train
    /// An answer.
    case infer
  }

  /// How the model is called.
  public let name: String
  /// The names of the model's parameters and layers.
  public let naming: Naming
  /// Builds inputs and answer.
  private let trace: @Sendable (GraphBuilder) -> [(name: String, tensor: Tensor)]
  /// For a classifier from one tensor: what training it means, and the type of its batch.
  private let classifier: (objective: Objective, input: TensorType)?

  /// A model with any inputs and outputs.
  ///
  /// - Parameters:
  ///   - name: how it is called in reports.
  ///   - inputs: makes what the model is fed, with `GraphBuilder.input`.
  public init<M: Model>(
    _ model: M, named name: String, inputs: @escaping @Sendable (GraphBuilder) -> M.Input
  ) where M.Input: TensorGroup, M.Output: TensorGroup {
    self.name = name
    naming = Naming(model)
    trace = { builder in model(inputs(builder)).namedTensors }
    classifier = nil
  }

  /// A model from one tensor to one.
  ///
  /// - Parameters:
  ///   - input: the shape of one sample: `[C, H, W]`, `[C, L]`, `[features]`.
  ///   - batch: samples at once.
  public init(_ model: some Layer, named name: String, input: Shape, batch: Int = 1) {
    let type = TensorType(.float32, Shape([batch] + input.dims))
    self.name = name
    naming = Naming(model)
    trace = { builder in [("", model(builder.input("input", type)))] }
    classifier = (Objective(model), type)
  }

  /// The graph of an answer, as it was traced.
  ///
  /// - Throws: `TraceError` with every fault of the model.
  public func answer() throws(TraceError) -> Graph {
    let builder = GraphBuilder(options: TraceOptions(mode: .inference), naming: naming)
    build(builder)
    return try builder.finish()
  }

  /// The program of an answer or of a training step.
  ///
  /// A network with one answer `[N, C]` is trained as a classifier, as `Trainer` does; any other by the sum
  /// of its answers' mean squares. Both by SGD with momentum 0.9 and weight decay 1e-4.
  ///
  /// - Throws: `TraceError` with every fault of the model, or the device's error.
  public func program(_ mode: Mode, on device: Device) throws -> Program {
    if mode == .infer {
      let options = TraceOptions(mode: .inference)
      return try Program(on: device, options: options, naming: naming) { build($0) }
    }
    let optimizer = SGD(momentum: 0.9, weightDecay: 1e-4)
    if let classifier {
      let answer = try answer()
      if let output = answer.outputs.first, answer.type(output.value).shape.rank == 2 {
        return try TrainingStep(
          classifier.objective, optimizer: optimizer, input: classifier.input, on: device
        ).program
      }
    }
    let options = TraceOptions(mode: .training)
    return try Program(on: device, options: options, naming: naming) { builder in
      learn(build(builder), by: optimizer, in: builder)
    }
  }

  @discardableResult
  private func build(_ builder: GraphBuilder) -> [Tensor] {
    let outputs = trace(builder)
    for (name, tensor) in outputs { builder.output(name.isEmpty ? "output" : name, tensor) }
    return outputs.map(\.tensor)
  }

  private func learn(_ answers: [Tensor], by optimizer: SGD, in builder: GraphBuilder) {
    let squares = answers.filter { !$0.isPoisoned && $0.dtype.isFloatingPoint }
      .map { square($0).mean() }
    guard let first = squares.first else { return }
    let loss = squares.dropFirst().reduce(first) { $0 + $1 }
    let read = Set(builder.graph.states.map(\.name))
    let learned = naming.parameters.filter {
      $0.parameter.role == .weight && read.contains($0.path)
    }
    let weights = learned.map { builder.read($0.parameter) }
    let gradients = builder.gradients(of: loss, in: weights)
    builder.phase = .update
    let rate = builder.input(OptimizerNames.scalar("learning_rate"), TensorType(.float32, .scalar))
    for ((path, _), (weight, gradient)) in zip(learned, zip(weights, gradients)) {
      let name = OptimizerNames.slot(optimizer.slots[0], of: path)
      let slot = builder.state(name, weight.type)
      let new = optimizer.update(weight, gradient: gradient, slots: [slot], scalars: [rate])
      builder.update(path, new.weight)
      if let velocity = new.slots.first { builder.update(name, velocity) }
    }
    builder.output("loss", loss)
  }
}
