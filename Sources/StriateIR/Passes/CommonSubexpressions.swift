extension Pass {
  /// Computes once what is written twice: every op is pure, random draws included.
  public static let eliminateCommonSubexpressions = Pass("cse") { graph in
    struct Key: Hashable {
      let op: Op
      let inputs: [ValueID]
    }
    var seen: [Key: [ValueID]] = [:]
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      let key = Key(op: node.op, inputs: node.inputs.map(rewriter.new))
      if let known = seen[key] {
        for (old, new) in zip(node.outputs, known) { rewriter.alias(old, to: new) }
      } else {
        rewriter.copy(node, from: graph)
        seen[key] = node.outputs.map(rewriter.new)
      }
    }
    return rewriter.finish(graph)
  }
}
