import StriateCore

extension Pass {
  /// Simplifies by local identities: `x·1`, `x + 0`, chains of movements, arithmetic on single numbers.
  public static let canonicalize = Pass("canonicalize") { graph in
    var rewriter = GraphRewriter(graph)
    var made: [ValueID: Node] = [:]
    for node in graph.nodes {
      if !simplify(node, graph, made, &rewriter) { rewriter.copy(node, from: graph) }
      if let last = rewriter.result.nodes.last {
        for output in last.outputs { made[output] = last }
      }
    }
    return rewriter.finish(graph)
  }
}

/// Replaces a node if an identity applies.
private func simplify(
  _ node: Node, _ graph: Graph, _ made: [ValueID: Node], _ rewriter: inout GraphRewriter
) -> Bool {
  guard node.outputs.count == 1 else { return false }
  let inputs = node.inputs.map(rewriter.new)
  let type = graph.type(node.outputs[0])
  func fill(_ position: Int) -> Double? {
    if case .fill(let fill)? = made[inputs[position]]?.op { return fill.value }
    return nil
  }
  func alias(_ position: Int) -> Bool {
    guard graph.type(node.inputs[position]) == type else { return false }
    rewriter.alias(node.outputs[0], to: inputs[position])
    return true
  }
  func fold(_ value: Double) -> Bool {
    rewriter.replace(node, by: .fill(Fill(value, type)), [], type: type)
    return true
  }
  switch node.op {
  case .reshape(let op):
    if alias(0) { return true }
    if let value = fill(0) { return fold(value) }
    if case .reshape? = made[inputs[0]]?.op, let source = made[inputs[0]]?.inputs[0] {
      if rewriter.result.type(source) == type {
        rewriter.alias(node.outputs[0], to: source)
      } else {
        rewriter.replace(node, by: .reshape(op), [source], type: type)
      }
      return true
    }
    return false
  case .transpose(let op):
    if op.order == Array(op.order.indices) { return alias(0) }
    if let value = fill(0) { return fold(value) }
    if case .transpose(let inner)? = made[inputs[0]]?.op, let source = made[inputs[0]]?.inputs[0] {
      let order = op.order.map { inner.order[$0] }
      if order == Array(order.indices) {
        rewriter.alias(node.outputs[0], to: source)
      } else {
        rewriter.replace(node, by: .transpose(Transpose(order)), [source], type: type)
      }
      return true
    }
    return false
  case .broadcast:
    if alias(0) { return true }
    if let value = fill(0) { return fold(value) }
    return false
  case .convert:
    return alias(0)
  case .unary(let op):
    guard let value = fill(0) else { return false }
    return fold(op.kind.apply(value))
  case .binary(let op):
    let (a, b) = (fill(0), fill(1))
    if let a, let b, type.dtype.isFloatingPoint { return fold(op.kind.apply(a, b)) }
    switch op.kind {
    case .add: return (b == 0 && alias(0)) || (a == 0 && alias(1))
    case .subtract: return b == 0 && alias(0)
    case .multiply: return (b == 1 && alias(0)) || (a == 1 && alias(1))
    case .divide, .power: return b == 1 && alias(0)
    default: return false
    }
  case .reduce(let op):
    if op.axes.allSatisfy({ graph.type(node.inputs[0]).shape[$0] == 1 }) {
      if alias(0) { return true }
      rewriter.replace(node, by: .reshape(Reshape(type.shape)), inputs, type: type)
      return true
    }
    return false
  case .concat:
    return inputs.count == 1 && alias(0)
  case .straightThrough:
    return alias(0)
  case .reverse(let op):
    if op.axes.allSatisfy({ type.shape[$0] == 1 }) { return alias(0) }
    if let value = fill(0) { return fold(value) }
    return false
  default:
    return false
  }
}
