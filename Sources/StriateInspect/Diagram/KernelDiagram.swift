import StriateCore
import StriateIR
import StriateRuntime

/// Makes diagrams of compiled programs: a box a kernel, conversions between layouts among them.
enum KernelDiagram {
  static func make(_ program: Program, title: String, subtitle: String) -> Diagram {
    let graph = program.graph
    let tree = CallTree(graph)
    let outermost = tree.outermost
    var diagram = Diagram(title: title, subtitle: subtitle)
    var scopes = DiagramScopes()
    var inputs: [ValueID: Int] = [:]
    for port in graph.inputs
    where graph.type(port.value).shape.rank > 0 && port.name != "random.key" {
      let type = graph.type(port.value)
      inputs[port.value] = diagram.add(
        Diagram.Box(title: port.name, category: .port, label: type.shape.sample))
    }
    var writers: [Int: Int] = [:]
    var forward: [String: [Int]] = [:]
    for kernel in program.executable.report.kernels {
      let nodes = kernel.nodes.filter(graph.nodes.indices.contains).map { graph.nodes[$0] }
      let column: Diagram.Column =
        switch kernel.phase {
        case .forward: .forward
        case .backward: .backward
        case .update: .update
        }
      var box = Diagram.Box(
        title: kernel.name.shortened(to: 38), lines: [kernel.implementation.shortened(to: 40)],
        category: column == .update ? .update : Diagram.Category(name: kernel.name) ?? .pointwise,
        column: column)
      if column == .update {
        if !kernel.path.isEmpty { box.lines.insert(kernel.path, at: 0) }
      } else {
        box.scope = scopes.around(tree, outermost[kernel.path], column)
      }
      box.label = nodes.last?.outputs.first.map { graph.type($0).shape.sample } ?? ""
      if column == .backward, let family = box.title.split(separator: " ").first {
        let name = family.split(separator: "_").first ?? family
        box.partner = forward[kernel.path]?.last { diagram.boxes[$0].title.hasPrefix(name) }
      }
      let number = diagram.add(box)
      if column == .forward { forward[kernel.path, default: []].append(number) }
      for read in kernel.reads {
        if let writer = writers[read] { diagram.connect(writer, number) }
      }
      for value in nodes.flatMap(\.inputs) {
        if let port = inputs[value] { diagram.connect(port, number) }
      }
      for write in kernel.writes { writers[write] = number }
    }
    diagram.scopes = scopes.all
    return diagram
  }
}
