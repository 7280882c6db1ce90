import StriateIR
import StriateRuntime

/// The frames of a diagram: one for each layer call that makes others, but not for the model itself.
struct DiagramScopes {
  /// The frames in the order in which they were asked for.
  private(set) var all: [Diagram.Scope] = []
  private var paths: [String] = []
  private var numbers: [String: Int] = [:]

  /// The frame of a call and of those around it; nil for the model itself.
  mutating func around(_ tree: CallTree, _ call: Int?, _ column: Diagram.Column) -> Int? {
    var parent: Int?
    guard let call else { return nil }
    for member in tree.lineage(call) {
      let record = tree.calls[member]
      if record.path.isEmpty || parent.map({ paths[$0] }) == record.path { continue }
      let key = "\(column) \(record.path)"
      if let known = numbers[key] {
        parent = known
        continue
      }
      let title = "\(relative(record.path, to: parent)) · \(record.kind)"
      all.append(Diagram.Scope(title: title, column: column, parent: parent))
      paths.append(record.path)
      numbers[key] = all.count - 1
      parent = all.count - 1
    }
    return parent
  }

  /// A path as it is read inside a frame: `layer1.0.conv1` in `layer1.0` is `conv1`.
  func relative(_ path: String, to scope: Int?) -> String {
    guard let scope else { return path }
    let prefix = paths[scope].plainPath + "."
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}

/// Which layer's states the nodes of a step's update change.
struct UpdateGroups {
  private var groups: [Int: String] = [:]
  private var names: [String: [String]] = [:]

  init(_ graph: Graph) {
    let producers = graph.producers
    for state in graph.states {
      guard let update = state.update else { continue }
      let (group, name) = Self.owner(state.name)
      names[group, default: []].append(name)
      var open = [update]
      while let value = open.popLast() {
        guard value.index >= 0, let position = producers[value.index],
          graph.nodes[position].phase == .update, groups[position] == nil
        else { continue }
        groups[position] = group
        open += graph.nodes[position].inputs
      }
    }
    for (position, node) in graph.nodes.enumerated()
    where node.phase == .update && groups[position] == nil { groups[position] = "" }
  }

  /// The layer whose update a node is part of; nil for a node that is no update.
  func group(of position: Int) -> String? { groups[position] }

  /// The names of the states that a layer's update changes.
  func states(of group: String) -> [String] { names[group] ?? [] }

  /// The layer that a state belongs to, and its name there: a slot belongs to its weight's layer.
  private static func owner(_ state: String) -> (String, String) {
    var parts = state.split(separator: ".").map(String.init)
    var slot = ""
    if parts.count > 2, parts[0] == "optimizer" {
      slot = "\(parts[1]) of "
      parts.removeFirst(2)
    }
    let name = parts.popLast() ?? state
    return (parts.joined(separator: "."), slot + name)
  }
}
