import StriateCore
import StriateIR

/// What follows a batch norm before its result goes to memory.
struct BatchNormTail {
  /// A tensor that is added.
  var residual: ValueID?
  var relu = false
}

/// What precedes the gradient of a batch norm.
struct BatchNormGradient {
  /// What lets a gradient through.
  enum Gate {
    /// Everything passes.
    case none
    /// ReLU right after the batch norm: the sign can be made again from the input.
    case ownReLU
    /// A value is above 0: ReLU's result after a sum.
    case value(ValueID)
  }

  var gate = Gate.none
  /// The gradient of the result, in one or two parts.
  var parts: [ValueID]
  /// The gradient behind the gate, if something else reads it.
  var gated: ValueID?
}

extension Grouping {
  /// Batch norms with what follows, and their gradients with what precedes.
  mutating func matchBatchNorm(_ results: Set<ValueID>) {
    var plainReLUs: Set<ValueID> = []
    for (position, node) in graph.nodes.enumerated() {
      guard case .batchNorm = node.op, graph.type(node.outputs[0]).shape.rank >= 3 else { continue }
      matchForward(position, node, results, &plainReLUs)
    }
    for (position, node) in graph.nodes.enumerated() {
      guard case .batchNormBackward = node.op else { continue }
      matchBackward(position, node, results, plainReLUs)
    }
  }

  private mutating func matchForward(
    _ position: Int, _ node: Node, _ results: Set<ValueID>, _ plainReLUs: inout Set<ValueID>
  ) {
    var tail = BatchNormTail()
    var nodes = [position]
    var last = node.outputs[0]
    if Switch.fuseBatchNorm.isOn, let next = onlyConsumer(last, results), groupOf[next] < 0,
      let other = addend(to: last, in: graph.nodes[next]), isTensor(other, like: last)
    {
      tail.residual = other
      nodes.append(next)
      last = graph.nodes[next].outputs[0]
    }
    if let next = onlyConsumer(last, results), groupOf[next] < 0,
      case .unary(let op) = graph.nodes[next].op, op.kind == .relu
    {
      tail.relu = true
      nodes.append(next)
      if tail.residual == nil { plainReLUs.insert(graph.nodes[next].outputs[0]) }
    }
    if nodes.count > 1 { add(Group(kind: .batchNorm(tail), nodes: nodes)) }
  }

  private mutating func matchBackward(
    _ position: Int, _ node: Node, _ results: Set<ValueID>, _ plainReLUs: Set<ValueID>
  ) {
    let dy = node.inputs[4]
    guard let gate = producers[dy.index], groupOf[gate] < 0, groupOf[position] < 0,
      case .binary(let op) = graph.nodes[gate].op, op.kind == .gate,
      let forward = self.node(node.inputs[2]), case .batchNorm = forward.op
    else { return }
    let (y, gradient) = (graph.nodes[gate].inputs[0], graph.nodes[gate].inputs[1])
    var found = BatchNormGradient(parts: [gradient])
    var nodes = [gate, position]
    if consumers[dy.index] != [position] || results.contains(dy) { found.gated = dy }
    if plainReLUs.contains(y), let relu = self.node(y), relu.inputs[0] == forward.outputs[0],
      found.gated == nil
    {
      found.gate = .ownReLU
    } else if Switch.fuseBatchNorm.isOn {
      found.gate = .value(y)
    } else {
      return
    }
    if Switch.fuseBatchNorm.isOn, onlyConsumer(gradient, results) == gate,
      let sum = producers[gradient.index], groupOf[sum] < 0,
      case .binary(let op) = graph.nodes[sum].op, op.kind == .add,
      graph.nodes[sum].inputs.allSatisfy({ isTensor($0, like: dy) })
    {
      found.parts = graph.nodes[sum].inputs
      nodes.insert(sum, at: 0)
    }
    add(Group(kind: .batchNormBackward(found), nodes: nodes.sorted()))
  }
}
