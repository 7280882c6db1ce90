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
  private var slots: [String: [String]] = [:]

  /// What is computed once for several layers' updates.
  static let shared = "shared by all"

  init(_ graph: Graph) {
    let producers = graph.producers
    for state in graph.states {
      guard let update = state.update else { continue }
      let group = note(state.name)
      var open = [update]
      while let value = open.popLast() {
        guard value.index >= 0, let position = producers[value.index],
          graph.nodes[position].phase == .update, groups[position] != group,
          groups[position] != Self.shared
        else { continue }
        groups[position] = groups[position] == nil ? group : Self.shared
        open += graph.nodes[position].inputs
      }
    }
    for (position, node) in graph.nodes.enumerated()
    where node.phase == .update && groups[position] == nil { groups[position] = Self.shared }
  }

  /// The layer whose update a node is part of; nil for a node that is no update.
  func group(of position: Int) -> String? { groups[position] }

  /// The names of the states that a layer's update changes: its own, then what is kept about each.
  func lines(of group: String) -> [String] {
    let kept = slots[group].map { "keeping \($0.joined(separator: ", "))" }
    return [names[group]?.joined(separator: ", "), kept].compactMap { $0?.shortened(to: 44) }
  }

  /// Notes a state's name under the layer that it belongs to; a slot belongs to its weight's layer.
  private mutating func note(_ state: String) -> String {
    var parts = state.split(separator: ".").map(String.init)
    let isSlot = parts.count > 2 && parts[0] == "optimizer"
    let slot = isSlot ? parts[1] : ""
    if isSlot { parts.removeFirst(2) }
    let name = parts.popLast() ?? state
    let group = parts.joined(separator: ".")
    if !isSlot {
      names[group, default: []].append(name)
    } else if slots[group]?.contains(slot) != true {
      slots[group, default: []].append(slot)
    }
    return group
  }
}
