import StriateCore

/// A named rewriting of a graph that keeps its meaning.
public struct Pass: Sendable {
  /// The name in dumps.
  public let name: String
  /// The rewriting.
  public let run: @Sendable (Graph) -> Graph

  /// A pass.
  public init(_ name: String, run: @escaping @Sendable (Graph) -> Graph) {
    self.name = name
    self.run = run
  }

  /// The passes that every backend gets its graph after.
  public static let standard: [Pass] = [
    .eliminateDeadCode, .canonicalize, .eliminateCommonSubexpressions, .canonicalize,
    .eliminateDeadCode,
  ]
}

extension Graph {
  /// The graph after some passes, each of which is verified in debug builds.
  public func applying(_ passes: [Pass] = Pass.standard) -> Graph {
    var graph = self
    for pass in passes {
      graph = pass.run(graph)
      assert(graph.violations().isEmpty, "\(pass.name): \(graph.violations())")
    }
    return graph
  }
}

/// Rebuilds a graph node by node; values of the old graph map to values of the new one.
struct GraphRewriter {
  private(set) var result = Graph()
  private var map: [ValueID?]

  init(_ graph: Graph) {
    map = [ValueID?](repeating: nil, count: graph.types.count)
    for port in graph.inputs {
      let id = result.addValue(graph.type(port.value))
      map[port.value.index] = id
      result.inputs.append(Graph.Port(name: port.name, value: id))
    }
    for state in graph.states {
      let id = result.addValue(graph.type(state.value))
      map[state.value.index] = id
      result.states.append(Graph.State(name: state.name, value: id, update: nil))
    }
  }

  /// The new value of an old one.
  func new(_ old: ValueID) -> ValueID { map[old.index] ?? .poison }

  /// Copies a node with its operands mapped, and maps its results.
  mutating func copy(_ node: Node, from graph: Graph) {
    var copy = node
    copy.inputs = node.inputs.map(new)
    copy.outputs = node.outputs.map { result.addValue(graph.type($0)) }
    for (old, new) in zip(node.outputs, copy.outputs) { map[old.index] = new }
    result.nodes.append(copy)
  }

  /// Adds a node in place of an old one with one result.
  mutating func replace(_ old: Node, by op: Op, _ inputs: [ValueID], type: TensorType) {
    var node = old
    node.op = op
    node.inputs = inputs
    node.outputs = [result.addValue(type)]
    map[old.outputs[0].index] = node.outputs[0]
    result.nodes.append(node)
  }

  /// Adds a node that the old graph has none for, beside one that it has; operands and result are the new graph's.
  mutating func insert(
    _ op: Op, _ inputs: [ValueID], _ type: TensorType, beside node: Node
  ) -> ValueID {
    var added = node
    added.op = op
    added.inputs = inputs
    added.outputs = [result.addValue(type)]
    result.nodes.append(added)
    return added.outputs[0]
  }

  /// Lets an old value stand for a value that exists already.
  mutating func alias(_ old: ValueID, to new: ValueID) { map[old.index] = new }

  /// The finished graph, its edges and layer calls mapped.
  func finish(_ graph: Graph) -> Graph {
    var finished = result
    finished.outputs = graph.outputs.map { Graph.Port(name: $0.name, value: new($0.value)) }
    for (index, state) in graph.states.enumerated() {
      finished.states[index].update = state.update.map(new)
    }
    finished.calls = graph.calls.map { call in
      var mapped = call
      mapped.inputs = call.inputs.map { $0 == .poison ? $0 : new($0) }
      mapped.outputs = call.outputs.map { $0 == .poison ? $0 : new($0) }
      return mapped
    }
    return finished
  }
}
