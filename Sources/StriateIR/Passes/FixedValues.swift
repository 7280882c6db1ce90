import StriateCore

/// Which values of a graph are the same at every run until the host writes its states.
///
/// They depend on nothing but constants and states that no run changes: folded weights, transformed filters.
public struct FixedValues {
  private let graph: Graph
  private let fixed: [Bool]
  private let producers: [Int?]
  private let consumers: [[Int]]
  private let results: Set<ValueID>

  /// The fixed values of a graph.
  public init(_ graph: Graph) {
    self.graph = graph
    producers = graph.producers
    consumers = graph.consumers
    results = Set(graph.results)
    var fixed = [Bool](repeating: false, count: graph.types.count)
    for state in graph.states where state.update == nil || state.update == state.value {
      fixed[state.value.index] = true
    }
    for node in graph.nodes where node.inputs.allSatisfy({ fixed[$0.index] }) {
      for output in node.outputs { fixed[output.index] = true }
    }
    self.fixed = fixed
  }

  /// Whether a value is the same at every run.
  public func isFixed(_ id: ValueID) -> Bool { fixed.indices.contains(id.index) && fixed[id.index] }

  /// The node that makes a value, if exactly one node reads it and it is no result.
  func onlyMaker(of id: ValueID) -> Node? {
    guard consumers[id.index].count == 1, !results.contains(id) else { return nil }
    return producers[id.index].map { graph.nodes[$0] }
  }

  /// The two operands of a binary node of a kind: a tensor, and a fixed vector `[C]` that the other one repeats.
  func channelOperand(of node: Node, _ kind: Binary.Kind) -> (value: ValueID, vector: ValueID)? {
    guard case .binary(let op) = node.op, op.kind == kind, node.inputs[0] != node.inputs[1] else {
      return nil
    }
    for (value, other) in [(0, 1), (1, 0)] {
      if let vector = channelVector(node.inputs[other]) { return (node.inputs[value], vector) }
    }
    return nil
  }

  /// The fixed vector `[C]` that a value repeats along axis 1 of `[N, C, …]`.
  private func channelVector(_ id: ValueID) -> ValueID? {
    guard isFixed(id), let position = producers[id.index],
      case .broadcast(let op) = graph.nodes[position].op, op.shape.rank >= 2, op.shape[1] > 0
    else { return nil }
    var vector = graph.nodes[position].inputs[0]
    let source = graph.type(vector).shape
    let row = [Int](repeating: 1, count: op.shape.rank - source.rank) + source.dims
    guard row.indices.allSatisfy({ row[$0] == ($0 == 1 ? op.shape[1] : 1) }) else { return nil }
    while graph.type(vector).shape.rank != 1, let maker = producers[vector.index],
      case .reshape = graph.nodes[maker].op
    {
      vector = graph.nodes[maker].inputs[0]
    }
    return graph.type(vector).shape == [op.shape[1]] ? vector : nil
  }
}
