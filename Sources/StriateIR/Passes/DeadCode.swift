extension Pass {
  /// Drops nodes that no result depends on.
  public static let eliminateDeadCode = Pass("dce") { graph in
    var live = Set(graph.results)
    var kept = [Bool](repeating: false, count: graph.nodes.count)
    for position in graph.nodes.indices.reversed() {
      let node = graph.nodes[position]
      if node.outputs.contains(where: { live.contains($0) }) {
        kept[position] = true
        live.formUnion(node.inputs)
      }
    }
    var rewriter = GraphRewriter(graph)
    for (position, node) in graph.nodes.enumerated() where kept[position] {
      rewriter.copy(node, from: graph)
    }
    return rewriter.finish(graph)
  }
}
