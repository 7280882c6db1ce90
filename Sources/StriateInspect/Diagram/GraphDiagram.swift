import StriateCore
import StriateIR
import StriateRuntime

/// Makes diagrams of traced graphs: a box an innermost layer call, or a box an op.
struct GraphDiagram {
  private let graph: Graph
  private let naming: Naming
  private let byLayers: Bool
  private let tree: CallTree
  private let outermost: [String: Int]
  private let producers: [Int?]
  private let updates: UpdateGroups
  private var diagram: Diagram
  private var scopes = DiagramScopes()
  /// The box that makes a value.
  private var makers: [ValueID: Int] = [:]
  private var layerBoxes: [String: Int] = [:]
  /// The forward ops of each layer call.
  private var opBoxes: [String: [Int]] = [:]

  /// The diagram of a graph.
  ///
  /// - Parameter byLayers: true for a box a layer call, with those ops that stand in no innermost layer;
  ///   false for a box an op.
  static func make(
    _ graph: Graph, naming: Naming, title: String, subtitle: String, byLayers: Bool
  ) -> Diagram {
    var maker = GraphDiagram(graph, naming, Diagram(title: title, subtitle: subtitle), byLayers)
    maker.build()
    return maker.diagram
  }

  private init(_ graph: Graph, _ naming: Naming, _ diagram: Diagram, _ byLayers: Bool) {
    self.graph = graph
    self.naming = naming
    self.diagram = diagram
    self.byLayers = byLayers
    tree = CallTree(graph)
    outermost = tree.outermost
    producers = graph.producers
    updates = UpdateGroups(graph)
  }

  private mutating func build() {
    for port in graph.inputs
    where graph.type(port.value).shape.rank > 0 && port.name != "random.key" {
      makers[port.value] = diagram.add(
        Diagram.Box(
          title: port.name, category: .port, label: graph.type(port.value).shape.sample))
    }
    for (position, node) in graph.nodes.enumerated() {
      if let group = updates.group(of: position) {
        let box = update(group)
        connect(node, to: box)
        for output in node.outputs { makers[output] = box }
      } else if isHidden(node) {
        // Read through `origin`.
      } else if byLayers, let call = leaf(of: node) {
        let box = layer(call, node)
        connect(node, to: box)
        for output in node.outputs { makers[output] = box }
      } else {
        let box = op(node)
        connect(node, to: box)
        for output in node.outputs { makers[output] = box }
      }
    }
    for port in graph.outputs {
      guard let box = origin(port.value).flatMap({ makers[$0] }) else { continue }
      let end = diagram.add(Diagram.Box(title: port.name, category: .port))
      diagram.connect(box, end)
    }
    diagram.scopes = scopes.all
  }

  private mutating func connect(_ node: Node, to box: Int) {
    for input in node.inputs {
      if let source = origin(input).flatMap({ makers[$0] }) { diagram.connect(source, box) }
    }
  }

  // MARK: Values

  /// Whether a node only repeats, reshapes or gives numbers and so is part of what reads it.
  private func isHidden(_ node: Node) -> Bool {
    switch node.op {
    case .fill, .constant, .broadcast: return true
    case .reshape:
      let hasMaker = origin(node.inputs.first).flatMap { makers[$0] } != nil
      return node.phase != .forward || byLayers || !hasMaker
    default: return false
    }
  }

  /// The value that a value repeats or reshapes.
  private func origin(_ id: ValueID?) -> ValueID? {
    guard var id else { return nil }
    while id.index >= 0, let position = producers[id.index], makers[id] == nil {
      let node = graph.nodes[position]
      switch node.op {
      case .broadcast, .reshape: id = node.inputs[0]
      default: return id
      }
    }
    return id
  }

  // MARK: Boxes

  /// The innermost layer call that a node stands in, where that call makes no others.
  private func leaf(of node: Node) -> Int? {
    guard let call = outermost[node.path], !node.path.isEmpty else { return nil }
    let hasInner = tree.children[call].contains { tree.calls[$0].path != node.path }
    return hasInner ? nil : call
  }

  private mutating func layer(_ call: Int, _ node: Node) -> Int {
    let column: Diagram.Column = node.phase == .backward ? .backward : .forward
    let key = "\(column) \(node.path)"
    let shape = node.outputs.first.map { graph.type($0).shape.sample } ?? ""
    if let known = layerBoxes[key] {
      let kind = tree.calls[call].kind
      if Diagram.Category(name: kind) == nil, let better = Diagram.Category(name: node.op.name),
        [.convolution, .matmul].contains(better)
      {
        diagram.boxes[known].category = better
      }
      if column == .backward, node.inputs.count > 0 { diagram.boxes[known].label = "" }
      return known
    }
    let record = tree.calls[call]
    let scope = scopes.around(tree, tree.parents[call], column)
    var box = Diagram.Box(
      title: scopes.relative(record.path, to: scope),
      category: Diagram.Category(name: record.kind) ?? Diagram.Category(name: node.op.name)
        ?? .pointwise,
      column: column, scope: scope)
    box.lines = [column == .backward ? "gradient of \(record.kind)" : record.kind]
    if column == .forward {
      let learned = naming.parameters.filter {
        $0.parameter.role == .weight && $0.path.isUnder(record.path.plainPath)
      }
      let count = learned.reduce(0) { plus($0, $1.parameter.type.shape.count) }
      if count > 0 {
        let shared = record.path == record.path.plainPath ? "" : " shared"
        box.lines.append("\(Numbers.grouped(count))\(shared) parameters")
      }
      box.label = record.outputs.first.map { graph.type($0).shape.sample } ?? shape
    }
    if column == .backward { box.partner = layerBoxes["\(Diagram.Column.forward) \(node.path)"] }
    let number = diagram.add(box)
    layerBoxes[key] = number
    return number
  }

  /// The op whose gradient a node is, if its name tells: `max_pool_backward` of `max_pool`, a gate of what
  /// it asks.
  private func partner(of node: Node) -> Int? {
    if case .binary(let op) = node.op, op.kind == .gate {
      return origin(node.inputs.first).flatMap { makers[$0] }
    }
    return opBoxes[node.path]?.last {
      node.op.name.hasPrefix(diagram.boxes[$0].title + "_backward")
    }
  }

  private mutating func op(_ node: Node) -> Int {
    let column: Diagram.Column = node.phase == .backward ? .backward : .forward
    let scope = scopes.around(tree, outermost[node.path], column)
    var box = Diagram.Box(
      title: node.op.name + numbers(node),
      category: Diagram.Category(name: node.op.name) ?? .pointwise,
      column: column, scope: scope)
    let states = node.inputs.compactMap { origin($0) }.compactMap { id in
      graph.states.first { $0.value == id }
    }
    var seen: Set<String> = []
    for state in states where seen.insert(state.name).inserted {
      let leaf = state.name.split(separator: ".").last.map(String.init) ?? state.name
      let name = state.name == "\(node.path.plainPath).\(leaf)" ? leaf : state.name
      box.lines.append("\(name) \(graph.type(state.value).shape.extents)")
    }
    if let window = window(node.op) { box.lines.append(window) }
    box.label = node.outputs.first.map { graph.type($0).shape.sample } ?? ""
    if column == .backward { box.partner = partner(of: node) }
    let number = diagram.add(box)
    if column == .forward { opBoxes[node.path, default: []].append(number) }
    return number
  }

  /// The numbers among a node's operands.
  private func numbers(_ node: Node) -> String {
    let found = node.inputs.compactMap { id -> String? in
      guard let source = origin(id), source.index >= 0, let position = producers[source.index],
        case .fill(let fill) = graph.nodes[position].op
      else { return nil }
      return fill.value == fill.value.rounded() && abs(fill.value) < 1e9
        ? "\(Int(fill.value))" : "\(Float(fill.value))"
    }
    return found.isEmpty ? "" : " " + found.joined(separator: ", ")
  }

  private func window(_ op: Op) -> String? {
    let window: Window? =
      switch op {
      case .convolution(let op): op.window
      case .maxPool(let op): op.window
      case .averagePool(let op): op.window
      default: nil
      }
    guard let window else { return nil }
    let kernel = Shape(window.kernel).extents
    return Set(window.stride) == [1] ? kernel : "\(kernel), stride \(Shape(window.stride).extents)"
  }

  private mutating func update(_ group: String) -> Int {
    if let known = layerBoxes["update \(group)"] { return known }
    let number = diagram.add(
      Diagram.Box(
        title: group.isEmpty ? "the model" : group, lines: updates.lines(of: group),
        category: .update, column: .update))
    layerBoxes["update \(group)"] = number
    return number
  }
}

extension Shape {
  /// The extents without the batch: `6×28×28`.
  var sample: String { rank > 1 ? Shape(Array(dims.dropFirst())).extents : extents }
}
