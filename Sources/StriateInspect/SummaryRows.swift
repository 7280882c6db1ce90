import StriateCore
import StriateIR

/// The rows of a summary: the innermost layer calls, and others where they multiply or learn themselves.
struct SummaryRows {
  private(set) var rows: [ModelSummary.Row] = []

  init(_ graph: Graph, naming: Naming, root: String) {
    let fields = ReceptiveFields(graph)
    var macs: [String: Int] = [:]
    for node in graph.nodes {
      let cost = node.op.rule.cost(node.inputs.map(graph.type), node.outputs.map(graph.type))
      macs[node.path, default: 0] += cost.macs
    }
    let paths = Set(graph.calls.map { $0.path.plainPath })
    let composites = paths.filter { path in
      paths.contains { $0 != path && $0.isUnder(path) }
    }
    var owned = Self.parameters(naming, by: paths)
    let aliased = Set(naming.aliases.map { $0.path })
    for call in graph.calls {
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
      let output = call.outputs.first.map(graph.type) ?? TensorType(.float32, .scalar)
      rows.append(
        ModelSummary.Row(
          name: call.path.isEmpty ? root : call.path, kind: call.kind,
          output: Shape(Array(output.shape.dims.dropFirst())), parameters: count,
          isShared: isShared, macs: work, receptiveField: call.outputs.first.flatMap { fields[$0] },
          activationBytes: call.outputs.reduce(0) { $0 + graph.type($1).byteCount }))
    }
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

extension String {
  /// A layer's path without its call's number.
  fileprivate var plainPath: String {
    guard let mark = lastIndex(of: "#"), self[index(after: mark)...].allSatisfy(\.isNumber) else {
      return self
    }
    return String(self[..<mark])
  }

  /// Whether this path lies beneath another; everything lies beneath the root.
  fileprivate func isUnder(_ path: String) -> Bool {
    path.isEmpty ? !isEmpty : hasPrefix(path + ".")
  }

  /// Whether this path is another's and one component more.
  fileprivate func isDirectly(under path: String) -> Bool {
    isUnder(path) && !dropFirst(path.isEmpty ? 0 : path.count + 1).contains(".")
  }
}
