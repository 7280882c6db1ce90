import StriateCore
import StriateIR

/// Which nodes run together as one step.
struct Group {
  enum Kind {
    /// One node by itself.
    case single
    /// A convolution or matrix product with what is done to its result.
    case affine(AffineTail)
    /// Batch norm, then perhaps `+ residual`, then perhaps ReLU.
    case batchNorm(BatchNormTail)
    /// The gradient of batch norm, with the sum and ReLU's gradient before it.
    case batchNormBackward(BatchNormGradient)
    /// Standardised rows, scaled and perhaps shifted, then perhaps ReLU.
    case scaledRows(ScaledRows)
    /// The gradient of that, with those of scale and shift.
    case scaledRowsBackward(ScaledRowsGradient)
    /// A filter's gradient with the bias's.
    case filterGradient(bias: ValueID)
    /// A chain of arithmetic element by element.
    case pointwise
    /// Costs nothing unless something asks for its memory: numbers, repetitions, other views.
    case virtual
  }

  var kind: Kind
  /// The nodes, in the graph's order.
  var nodes: [Int]
}

/// Divides a graph's nodes into groups and orders the groups.
struct Grouping {
  let graph: Graph
  let consumers: [[Int]]
  let producers: [Int?]
  private(set) var groups: [Group] = []
  private(set) var groupOf: [Int]
  /// Whether the groups have an order at all: joining nodes must not have made a cycle.
  private(set) var isOrdered = true

  init(_ graph: Graph) {
    self.graph = graph
    consumers = graph.consumers
    producers = graph.producers
    groupOf = [Int](repeating: -1, count: graph.nodes.count)
    let results = Set(graph.results)
    matchAffine(results)
    matchBatchNorm(results)
    matchScaledRows(results)
    matchFilterGradients()
    for position in graph.nodes.indices where groupOf[position] < 0 {
      switch graph.nodes[position].op {
      case .fill, .constant, .broadcast, .reshape:
        add(Group(kind: .virtual, nodes: [position]))
      default:
        if PointwiseCode.instruction(for: graph.nodes[position], in: graph) != nil {
          add(Group(kind: .pointwise, nodes: [position]))
        } else {
          add(Group(kind: .single, nodes: [position]))
        }
      }
    }
    mergePointwise()
    order()
  }

  mutating func add(_ group: Group) {
    for position in group.nodes { groupOf[position] = groups.count }
    groups.append(group)
  }

  /// The node that makes a value, or nil for inputs and states.
  func node(_ id: ValueID) -> Node? { producers[id.index].map { graph.nodes[$0] } }

  /// The only node that reads a value, if it is one and the value is no result.
  func onlyConsumer(_ id: ValueID, _ results: Set<ValueID>) -> Int? {
    consumers[id.index].count == 1 && !results.contains(id) ? consumers[id.index][0] : nil
  }

  // MARK: Patterns

  /// The vector `[C]` (of whatever rank) that a value repeats along axis 1 of `[N, C, …]`.
  func channelVector(_ id: ValueID) -> ValueID? {
    guard let broadcast = node(id), case .broadcast(let op) = broadcast.op else { return nil }
    let source = graph.type(broadcast.inputs[0]).shape
    let lead = op.shape.rank - source.rank
    for axis in 0..<op.shape.rank where axis != 1 {
      if axis >= lead, source[axis - lead] != 1 { return nil }
    }
    guard op.shape.rank >= 2, lead <= 1, source[1 - lead] == op.shape[1], op.shape[1] > 0 else {
      return nil
    }
    var vector = broadcast.inputs[0]
    while let maker = node(vector), case .reshape = maker.op { vector = maker.inputs[0] }
    return vector
  }

  /// `Σ dy` over all axes but the channels, where a filter's gradient reads the same `dy`.
  private mutating func matchFilterGradients() {
    for (position, node) in graph.nodes.enumerated() {
      guard case .convolutionBackwardFilter = node.op else { continue }
      let dy = node.inputs[1]
      let shape = graph.type(dy).shape
      for reader in consumers[dy.index] where groupOf[reader] < 0 {
        let sum = graph.nodes[reader]
        guard case .reduce(let op) = sum.op, op.kind == .sum, !op.axes.contains(1),
          (0..<shape.rank).allSatisfy({ $0 == 1 || op.axes.contains($0) || shape[$0] == 1 }),
          !isNeeded(reader, by: position)
        else { continue }
        let nodes = [position, reader].sorted()
        add(Group(kind: .filterGradient(bias: sum.outputs[0]), nodes: nodes))
        break
      }
    }
  }

  /// Whether a node's results lead to another node.
  func isNeeded(_ start: Int, by end: Int) -> Bool {
    var open = [start]
    var seen: Set<Int> = []
    while let position = open.popLast() {
      for output in graph.nodes[position].outputs {
        for reader in consumers[output.index] where reader <= end && seen.insert(reader).inserted {
          if reader == end { return true }
          open.append(reader)
        }
      }
    }
    return false
  }

  // MARK: Pointwise chains

  private mutating func mergePointwise() {
    for position in graph.nodes.indices {
      guard case .pointwise = groups[groupOf[position]].kind else { continue }
      let node = graph.nodes[position]
      for input in node.inputs {
        guard let maker = producers[input.index] else { continue }
        let (a, b) = (groupOf[maker], groupOf[position])
        guard a != b, case .pointwise = groups[a].kind,
          graph.type(graph.nodes[maker].outputs[0]).shape == graph.type(node.outputs[0]).shape,
          graph.nodes[maker].phase == node.phase || groups[a].nodes.count == 1,
          fits(groups[a].nodes + groups[b].nodes), !isConnected(a, b)
        else { continue }
        let merged = (groups[a].nodes + groups[b].nodes).sorted()
        groups[a].nodes = []
        groups[b].nodes = merged
        for member in merged { groupOf[member] = b }
      }
    }
    groups = groups.enumerated().filter { !$0.element.nodes.isEmpty }.map(\.element)
    for (index, group) in groups.enumerated() {
      for member in group.nodes { groupOf[member] = index }
    }
  }

  /// Whether a kernel has registers and operands enough for these nodes.
  private func fits(_ nodes: [Int]) -> Bool {
    let made = Set(nodes.flatMap { graph.nodes[$0].outputs })
    let read = Set(nodes.flatMap { graph.nodes[$0].inputs }).subtracting(made)
    return nodes.count + read.count <= PointwiseCode.registerLimit
      && read.count <= PointwiseCode.operandLimit && nodes.count <= PointwiseCode.operandLimit
  }

  /// Whether some path between two groups leads through a third one: merging them would make a cycle.
  private func isConnected(_ a: Int, _ b: Int) -> Bool {
    let limit = max(groups[a].nodes.last ?? 0, groups[b].nodes.last ?? 0)
    return leads(from: a, to: b, limit) || leads(from: b, to: a, limit)
  }

  private func leads(from start: Int, to end: Int, _ limit: Int) -> Bool {
    var seen: Set<Int> = [start]
    var open: [Int] = []
    func successors(_ group: Int) -> Set<Int> {
      var next: Set<Int> = []
      for position in groups[group].nodes {
        for output in graph.nodes[position].outputs {
          for reader in consumers[output.index] { next.insert(groupOf[reader]) }
        }
      }
      next.remove(group)
      return next
    }
    open = successors(start).filter { $0 != end }
    while let group = open.popLast() {
      if group == end { return true }
      guard seen.insert(group).inserted, (groups[group].nodes.first ?? 0) <= limit else { continue }
      open.append(contentsOf: successors(group))
    }
    return false
  }

  // MARK: Order

  /// Orders the groups so that every value is made before it is read, close to the graph's own order.
  private mutating func order() {
    var missing = [Int](repeating: 0, count: groups.count)
    var successors = [Set<Int>](repeating: [], count: groups.count)
    for (position, node) in graph.nodes.enumerated() {
      for input in node.inputs {
        guard let maker = producers[input.index] else { continue }
        let (from, to) = (groupOf[maker], groupOf[position])
        if from != to, successors[from].insert(to).inserted { missing[to] += 1 }
      }
    }
    // Updates come last, so that they may overwrite states in place.
    func key(_ group: Int) -> (Int, Int) {
      let last = groups[group].nodes.last ?? 0
      return (graph.nodes[last].phase == .update ? 1 : 0, last)
    }
    var ready = groups.indices.filter { missing[$0] == 0 }.sorted { key($0) > key($1) }
    var result: [Group] = []
    while let next = ready.popLast() {
      result.append(groups[next])
      for successor in successors[next] {
        missing[successor] -= 1
        guard missing[successor] == 0 else { continue }
        let place = ready.firstIndex { key($0) < key(successor) } ?? ready.count
        ready.insert(successor, at: place)
      }
    }
    isOrdered = result.count == groups.count
    groups = result
    for (index, group) in groups.enumerated() {
      for member in group.nodes { groupOf[member] = index }
    }
  }
}
