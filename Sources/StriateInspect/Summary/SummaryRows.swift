import StriateCore
import StriateIR

/// The rows of a summary: the innermost layer calls, and others where they multiply or learn themselves.
struct SummaryRows {
  private(set) var rows: [ModelSummary.Row] = []

  /// The rows of a graph.
  ///
  /// - Parameter depth: path components at most; deeper rows are summed in the call around them.
  init(_ graph: Graph, naming: Naming, root: String, depth: Int? = nil) {
    let tree = CallTree(graph)
    let fields = ReceptiveFields(graph)
    var macs: [String: Int] = [:]
    for node in graph.nodes {
      let cost = node.op.rule.cost(node.inputs.map(graph.type), node.outputs.map(graph.type))
      macs[node.path] = plus(macs[node.path] ?? 0, cost.macs)
    }
    let paths = Set(graph.calls.map { $0.path.plainPath })
    let composites = Set(
      tree.calls.indices.filter { call in
        tree.children[call].contains { tree.calls[$0].path != tree.calls[call].path }
      }.map { tree.calls[$0].path.plainPath })
    var owned = Self.parameters(naming, by: paths)
    let aliased = Set(naming.aliases.map { $0.path })
    var places: [Int: Int] = [:]
    for (index, call) in tree.calls.enumerated() {
      // A layer that no property holds is part of the layer that made it.
      if let maker = tree.parents[index], tree.calls[maker].path == call.path { continue }
      let path = call.path.plainPath
      let mine = owned.removeValue(forKey: path)
      let isRepeat = call.path != path
      let count = (mine ?? []).filter { $0.parameter.role == .weight }.reduce(0) {
        $0 + $1.parameter.type.shape.count
      }
      let work = macs.removeValue(forKey: call.path) ?? 0
      if composites.contains(path), work == 0, count == 0 { continue }
      let isShared =
        isRepeat && naming.parameters.contains { $0.path.isUnder(path) }
        || aliased.contains { $0.isDirectly(under: path) }
      let outputs = call.outputs.map { Shape(Array(graph.type($0).shape.dims.dropFirst())) }
      let row = ModelSummary.Row(
        name: call.path.isEmpty ? root : call.path, kind: call.kind, outputs: outputs,
        parameters: count, isShared: isShared, macs: work,
        receptiveField: call.outputs.first.flatMap { fields[$0] },
        activationBytes: call.outputs.reduce(0) { plus($0, graph.type($1).byteCount) })
      let shown = Self.holder(of: index, in: tree, depth: depth)
      if shown == index {
        places[index] = rows.count
        rows.append(row)
      } else if let place = places[shown] {
        rows[place].add(row)
      } else {
        let around = tree.calls[shown]
        places[shown] = rows.count
        var sum = row
        sum.name = around.path
        sum.kind = around.kind
        sum.outputs = around.outputs.map { Shape(Array(graph.type($0).shape.dims.dropFirst())) }
        sum.receptiveField = around.outputs.first.flatMap { fields[$0] }
        rows.append(sum)
      }
    }
  }

  /// The call in whose row a call is counted: the innermost around it whose path is not too deep, or the
  /// outermost below the root where all are.
  private static func holder(of index: Int, in tree: CallTree, depth: Int?) -> Int {
    guard let depth, tree.calls[index].path.pathDepth > depth else { return index }
    let line = tree.lineage(index).filter { !tree.calls[$0].path.isEmpty }
    return line.last { tree.calls[$0].path.pathDepth <= depth } ?? line.first ?? index
  }

  /// Each parameter under the innermost called layer that holds it.
  private static func parameters(
    _ naming: Naming, by paths: Set<String>
  ) -> [String: [(path: String, parameter: Parameter)]] {
    var owned: [String: [(path: String, parameter: Parameter)]] = [:]
    for entry in naming.parameters {
      let owner = paths.filter { entry.path.isUnder($0) }.max { $0.count < $1.count }
      if let owner { owned[owner, default: []].append(entry) }
    }
    return owned
  }
}

extension ModelSummary.Row {
  /// Counts another row in this one.
  fileprivate mutating func add(_ other: ModelSummary.Row) {
    parameters = plus(parameters, other.parameters)
    macs = plus(macs, other.macs)
    activationBytes = plus(activationBytes, other.activationBytes)
    isShared = isShared || other.isShared
  }
}

/// The sum, saturating.
func plus(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}
