import StriateCore

/// What a rectifier lets back of the gradient that reaches it.
public enum RectifierRule: String, Sendable, Hashable, CaseIterable {
  /// The derivative: what arrives where its input was above zero.
  case gradient
  /// What arrives, where that is above zero, whatever its input was (Zeiler and Fergus, 2014).
  case deconvnet
  /// What arrives, where both that and its input are above zero (Springenberg et al., 2015, figure 1).
  case guided
}

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
  ///
  /// - Parameter rectifiers: what rectifiers let back; anything but the gradient makes pictures, not derivatives.
  public func gradients(
    of outputs: [(tensor: Tensor, cotangent: Tensor)], in targets: [Tensor],
    rectifiers: RectifierRule = .gradient
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
      let gradients = rectified(node, context, rectifiers) ?? node.op.rule.vjp(context)
      for (input, gradient) in zip(node.inputs, gradients) {
        guard let gradient, reached.contains(input) else { continue }
        accumulate(gradient, at: input, into: &cotangents)
      }
    }
    return targets.map { target in
      target.isPoisoned ? target : cotangents[target.id] ?? fill(0, target.type)
    }
  }

  /// What a rectifier lets back by another rule than its derivative; nil for what is no rectifier.
  private func rectified(_ node: Node, _ context: VJP, _ rule: RectifierRule) -> [Tensor?]? {
    guard rule != .gradient, node.op.name == "relu", let arrived = context.cotangents.first ?? nil
    else { return nil }
    guard rule == .guided else { return [relu(arrived)] }
    return node.op.rule.vjp(
      VJP(inputs: context.inputs, outputs: context.outputs, cotangents: [relu(arrived)]))
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
  func dependents(of targets: [Tensor], before end: Int) -> Set<ValueID> {
    var reached = Set(targets.map(\.id))
    for node in graph.nodes[..<end] where node.inputs.contains(where: { reached.contains($0) }) {
      reached.formUnion(node.outputs)
    }
    return reached
  }
}
