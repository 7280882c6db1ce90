import StriateCore

/// Where a walk of curvatures begins: a tensor and what the loss is in it, element by element.
public struct CurvatureSeed {
  /// A tensor that the loss depends on.
  public var tensor: Tensor
  /// The loss's gradient in it.
  public var gradient: Tensor
  /// The loss's second derivative in each element by itself.
  public var curvature: Tensor

  /// A tensor with the loss's two derivatives in it.
  public init(_ tensor: Tensor, gradient: Tensor, curvature: Tensor) {
    self.tensor = tensor
    self.gradient = gradient
    self.curvature = curvature
  }
}

extension GraphBuilder {
  /// The diagonal of the loss's second derivatives in some tensors, by one reverse walk.
  ///
  /// What two elements do to the loss together counts for nothing, and neither do second derivatives of squashing
  /// functions: `h_x = Σ_y (∂y/∂x)²·h_y` from each op to the one before it (LeCun, Bottou, Bengio and Haffner, 1998,
  /// appendix C, equations 24 to 27). A weight that is shared has the sum over its connections. A tensor on which no
  /// seed depends has zeros; an op without a rule is refused.
  public func curvatures(from seeds: [CurvatureSeed], in targets: [Tensor]) -> [Tensor] {
    let end = graph.nodes.count
    let (outerScope, outerPhase) = (scope, phase)
    defer { (scope, phase) = (outerScope, outerPhase) }
    phase = .backward
    let reached = dependents(of: targets, before: end)
    var slopes: [ValueID: Tensor] = [:]
    var bends: [ValueID: Tensor] = [:]
    func add(_ value: Tensor?, at id: ValueID, to sums: inout [ValueID: Tensor]) {
      guard let value else { return }
      sums[id] = sums[id].map { $0 + value } ?? value
    }
    for seed in seeds {
      add(seed.gradient, at: seed.tensor.id, to: &slopes)
      add(seed.curvature, at: seed.tensor.id, to: &bends)
    }
    for position in stride(from: end - 1, through: 0, by: -1) {
      let node = graph.nodes[position]
      guard let output = node.outputs.first, let bend = bends[output],
        node.inputs.contains(where: { reached.contains($0) })
      else { continue }
      scope = node.path
      let context = VJP(
        inputs: node.inputs.map { Tensor(builder: self, id: $0) },
        outputs: node.outputs.map { Tensor(builder: self, id: $0) },
        cotangents: node.outputs.map { slopes[$0] })
      let rule = node.op.rule
      for (input, value) in zip(node.inputs, rule.vjp(context)) where reached.contains(input) {
        add(value, at: input, to: &slopes)
      }
      for (input, value) in zip(node.inputs, rule.curvature(bend, context))
      where reached.contains(input) {
        add(value, at: input, to: &bends)
      }
    }
    return targets.map { target in
      target.isPoisoned ? target : bends[target.id] ?? fill(0, target.type)
    }
  }
}

extension OpRule {
  /// By default an op has no rule, which is said.
  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    let refused = bend.builder.refuse(
      name, "has no rule by which curvatures go back through it", operands: context.inputs)
    return context.inputs.map { _ in refused }
  }

  /// The rule of an op that copies, leaves out or adds up: curvatures go the way of gradients.
  func movedCurvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    vjp(VJP(inputs: context.inputs, outputs: context.outputs, cotangents: [bend]))
  }

  /// The rule of an op that is linear in each operand: as gradients, with the other operand's squares.
  func bilinearCurvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    vjp(
      VJP(inputs: context.inputs.map { $0 * $0 }, outputs: context.outputs, cotangents: [bend]))
  }
}
