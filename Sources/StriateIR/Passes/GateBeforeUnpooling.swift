import StriateCore

extension Pass {
  /// Lets ReLU's gradient act on a max pooling's results instead of on its operand, of which there are fewer.
  ///
  /// With `y = relu(x)` and `p = maxPool(y)` a window's gradient goes to the place where `y = p`, so
  /// `gate(y, maxPoolBackward(y, p, dp)) = maxPoolBackward(y, p, gate(p, dp))`. A batch norm before the ReLU gates
  /// for nothing while it reads the same memory, and is left so.
  public static let gateBeforeUnpooling = Pass("gate-before-unpooling") { graph in
    let producers = graph.producers
    let consumers = graph.consumers
    let results = Set(graph.results)
    func maker(_ id: ValueID) -> Node? { producers[id.index].map { graph.nodes[$0] } }
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      guard case .binary(let op) = node.op, op.kind == .gate,
        let unpool = maker(node.inputs[1]), case .maxPoolBackward = unpool.op,
        unpool.inputs[0] == node.inputs[0], consumers[node.inputs[1].index].count == 1,
        !results.contains(node.inputs[1]),
        let pool = maker(unpool.inputs[1]), case .maxPool = pool.op,
        pool.inputs[0] == node.inputs[0], let relu = maker(node.inputs[0]),
        case .unary(let activation) = relu.op, activation.kind == .relu
      else {
        rewriter.copy(node, from: graph)
        continue
      }
      if case .batchNorm? = maker(relu.inputs[0])?.op {
        rewriter.copy(node, from: graph)
        continue
      }
      let pooled = rewriter.new(unpool.inputs[1])
      let gated = rewriter.insert(
        .binary(Binary(.gate)), [pooled, rewriter.new(unpool.inputs[2])],
        graph.type(unpool.inputs[2]), beside: node)
      rewriter.replace(
        node, by: unpool.op, [rewriter.new(node.inputs[0]), pooled, gated],
        type: graph.type(node.outputs[0]))
    }
    return rewriter.finish(graph)
  }
}
