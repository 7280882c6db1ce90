import StriateCore
import StriateIR

/// What is done to a convolution's or matrix product's result before it goes to memory, in this order.
struct AffineTail {
  /// An activation that a kernel applies to its result.
  enum Activation: Hashable {
    case relu
    /// `min(max(x, 0), high)`.
    case clip(high: Double)
  }

  /// A number a channel, added.
  var bias: ValueID?
  /// A tensor of the result's shape, added.
  var residual: ValueID?
  var activation: Activation?

  /// What follows the operation's name in reports: ` + bias + add + relu`.
  var suffix: String {
    let names: [String?] = [
      bias.map { _ in "bias" }, residual.map { _ in "add" },
      activation.map {
        switch $0 {
        case .relu: "relu"
        case .clip: "clip"
        }
      },
    ]
    return names.compactMap { $0 }.map { " + " + $0 }.joined()
  }
}

extension Grouping {
  /// Convolutions and matrix products with their tails.
  mutating func matchAffine(_ results: Set<ValueID>) {
    for (position, node) in graph.nodes.enumerated() {
      var isConvolution = false
      switch node.op {
      case .convolution: isConvolution = true
      case .matmul: break
      default: continue
      }
      var tail = AffineTail()
      var nodes = [position]
      var last = node.outputs[0]
      func next() -> (position: Int, node: Node)? {
        guard let position = onlyConsumer(last, results), groupOf[position] < 0 else { return nil }
        return (position, graph.nodes[position])
      }
      func take(_ next: (position: Int, node: Node)) {
        nodes.append(next.position)
        last = next.node.outputs[0]
      }
      if let next = next(), let other = addend(to: last, in: next.node),
        let vector = channelVector(other), graph.type(vector).dtype == .float32
      {
        tail.bias = vector
        take(next)
      }
      if Switch.fuseTail.isOn, isConvolution, let next = next(),
        let other = addend(to: last, in: next.node), isTensor(other, like: last)
      {
        tail.residual = other
        take(next)
      }
      if let next = next(), case .unary(let op) = next.node.op, op.kind == .relu {
        tail.activation = .relu
        take(next)
      }
      if Switch.fuseTail.isOn, tail.activation == .relu, let next = next(),
        let high = upperBound(of: last, in: next.node)
      {
        tail.activation = .clip(high: high)
        take(next)
      }
      add(Group(kind: .affine(tail), nodes: nodes))
    }
  }

  /// What else an addition adds to a value.
  func addend(to id: ValueID, in node: Node) -> ValueID? {
    guard case .binary(let op) = node.op, op.kind == .add,
      node.inputs.filter({ $0 == id }).count == 1
    else { return nil }
    return node.inputs.first { $0 != id }
  }

  /// Whether a value is a tensor in memory of another's type: an activation, no number and no repetition.
  func isTensor(_ id: ValueID, like other: ValueID) -> Bool {
    guard graph.type(id) == graph.type(other), graph.type(id).dtype == .float32 else {
      return false
    }
    switch node(id)?.op {
    case .fill, .constant, .broadcast, .reshape, nil: return false
    default: return true
    }
  }

  /// The number above 0 by which a node bounds a value from above.
  private func upperBound(of id: ValueID, in node: Node) -> Double? {
    guard case .binary(let op) = node.op, op.kind == .minimum,
      let other = node.inputs.first(where: { $0 != id })
    else { return nil }
    var source = other
    while let maker = self.node(source) {
      switch maker.op {
      case .broadcast, .reshape: source = maker.inputs[0]
      case .fill(let fill): return fill.value > 0 && fill.value.isFinite ? fill.value : nil
      default: return nil
      }
    }
    return nil
  }
}
