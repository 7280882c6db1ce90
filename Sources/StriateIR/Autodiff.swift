import StriateCore

extension GraphBuilder {
  /// The gradients of a scalar in the given tensors, by one reverse walk over the graph.
  ///
  /// A tensor on which the scalar does not depend has a gradient of zeros.
  public func gradients(of loss: Tensor, in targets: [Tensor]) -> [Tensor] {
    if loss.isPoisoned { return targets.map { _ in loss } }
    guard loss.shape.count == 1, loss.dtype.isFloatingPoint else {
      let refused = refuse(
        "gradients", "takes a scalar in floating point, found \(loss.type)", operands: [loss])
      return targets.map { _ in refused }
    }
    return gradients(of: [(loss, fill(1, loss.type))], in: targets)
  }

  /// The gradients that flow into the given tensors from cotangents at some outputs.
  public func gradients(
    of outputs: [(tensor: Tensor, cotangent: Tensor)], in targets: [Tensor]
  ) -> [Tensor] {
    let end = graph.nodes.count
    let outerScope = scope
    let outerPhase = phase
    defer { (scope, phase) = (outerScope, outerPhase) }
    phase = .backward

    let reached = dependents(of: targets, before: end)
    var cotangents: [ValueID: Tensor] = [:]
    for (tensor, cotangent) in outputs {
      accumulate(cotangent, at: tensor.id, into: &cotangents)
    }
    for position in stride(from: end - 1, through: 0, by: -1) {
      let node = graph.nodes[position]
      guard node.outputs.contains(where: { cotangents[$0] != nil }),
        node.inputs.contains(where: { reached.contains($0) })
      else { continue }
      scope = node.path
      let context = VJP(
        inputs: node.inputs.map { Tensor(builder: self, id: $0) },
        outputs: node.outputs.map { Tensor(builder: self, id: $0) },
        cotangents: node.outputs.map { cotangents[$0] })
      for (input, gradient) in zip(node.inputs, node.op.rule.vjp(context)) {
        guard let gradient, reached.contains(input) else { continue }
        accumulate(gradient, at: input, into: &cotangents)
      }
    }
    return targets.map { target in
      target.isPoisoned ? target : cotangents[target.id] ?? fill(0, target.type)
    }
  }

  private func accumulate(
    _ gradient: Tensor, at id: ValueID, into cotangents: inout [ValueID: Tensor]
  ) {
    if let sum = cotangents[id] {
      cotangents[id] = sum + gradient
    } else {
      cotangents[id] = gradient
    }
  }

  /// The values that depend on the targets.
  private func dependents(of targets: [Tensor], before end: Int) -> Set<ValueID> {
    var reached = Set(targets.map(\.id))
    for node in graph.nodes[..<end] where node.inputs.contains(where: { reached.contains($0) }) {
      reached.formUnion(node.outputs)
    }
    return reached
  }
}
