import StriateCore
import StriateIR

/// Builds what happens after the gradients: clipping, the optimiser, the running average.
struct UpdateBuilder {
  let rule: UpdateRule
  let variants: UpdateVariants
  /// The element type of the fed numbers.
  let scalars: DType

  /// Builds the update of weights by their gradients.
  func update(
    _ weights: [(path: String, weight: Tensor)], by gradients: [Tensor], in builder: GraphBuilder
  ) {
    builder.phase = .update
    var norm: Tensor?
    if rule.clipping.norm != nil || rule.reportsNorm {
      norm = GradientClipping.norm(of: gradients)
      if let norm { builder.output("gradient_norm", norm) }
    }
    let gradients = rule.clipping.bounded(gradients, norm: norm)
    let used = Set(weights.map { variants.place(of: $0.path) })
    let fed = variants.all.enumerated().map { place, variant in
      !used.contains(place)
        ? []
        : variant.optimizer.scalars.map { scalar in
          builder.input(
            OptimizerNames.scalar(scalar, variant: place), TensorType(scalars, .scalar))
        }
    }
    for ((path, weight), gradient) in zip(weights, gradients) {
      let place = variants.place(of: path)
      let optimizer = variants.all[place].optimizer
      let names = optimizer.slots.map { OptimizerNames.slot($0, of: path) }
      let slots = names.map { builder.state($0, weight.type) }
      let scalars = fed[place].map { $0.converted(to: weight.dtype) }
      let new = optimizer.update(weight, gradient: gradient, slots: slots, scalars: scalars)
      builder.update(path, new.weight)
      for (name, slot) in zip(names, new.slots) { builder.update(name, slot) }
    }
  }

  /// Builds the running averages of tensors that have new values, or as states have had them.
  func average(_ tensors: [(name: String, value: Tensor)], in builder: GraphBuilder) {
    guard rule.average != nil, !tensors.isEmpty else { return }
    builder.phase = .update
    let decay = builder.input(OptimizerNames.decay, TensorType(scalars, .scalar))
    for (name, value) in tensors {
      let state = OptimizerNames.average(of: name)
      let former = builder.state(state, value.type)
      if value.dtype.isFloatingPoint {
        let share = decay.converted(to: value.dtype)
        builder.update(state, former * share + value * (1 - share))
      } else {
        builder.update(state, value)
      }
    }
  }
}

/// The places of the numbers that an update is fed; feeding them allocates nothing.
struct UpdateFeed: Sendable {
  private struct Port: Sendable {
    let place: Int
    let index: Int
    let optimizer: any Optimizer
    let rate: Double
  }

  private let scalars: [Port]
  private let decay: Int?
  private let average: WeightAverage?

  init(_ update: UpdateBuilder, into ports: BatchPorts) {
    scalars = update.variants.all.enumerated().flatMap { number, variant in
      variant.optimizer.scalars.enumerated().compactMap { index, scalar in
        ports.input(OptimizerNames.scalar(scalar, variant: number)).map { place in
          Port(place: place, index: index, optimizer: variant.optimizer, rate: variant.rate)
        }
      }
    }
    decay = ports.input(OptimizerNames.decay)
    average = update.rule.average
  }

  func set(_ ports: BatchPorts, at context: StepContext) {
    for port in scalars {
      let value = port.optimizer.scalar(
        port.index, step: context.step + 1, learningRate: context.learningRate * port.rate)
      ports.set(port.place, to: value)
    }
    if let decay, let average { ports.set(decay, to: average.decay(at: context.step + 1)) }
  }
}
