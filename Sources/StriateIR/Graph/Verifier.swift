import StriateCore

extension Graph {
  /// What is wrong with the graph; empty for a sound one.
  ///
  /// A sound graph makes every value once and before it is read, and every type is what the shape rule says.
  public func violations() -> [String] {
    var found: [String] = []
    var defined = [Bool](repeating: false, count: types.count)
    for id in inputs.map(\.value) + states.map(\.value) {
      if defined.indices.contains(id.index) { defined[id.index] = true }
    }
    func isDefined(_ id: ValueID) -> Bool {
      defined.indices.contains(id.index) && defined[id.index]
    }
    for (position, node) in nodes.enumerated() {
      let place = "node \(position) (\(node.op.name))"
      for input in node.inputs where !isDefined(input) {
        found.append("\(place) reads \(input) before it is made")
      }
      do throws(ShapeError) {
        let inferred = try node.op.rule.infer(node.inputs.map(type))
        if inferred != node.outputs.map(type) {
          found.append("\(place) makes \(node.outputs.map(type)), its rule says \(inferred)")
        }
      } catch {
        found.append("\(place) refuses its operands: \(error.message)")
      }
      for output in node.outputs {
        if isDefined(output) { found.append("\(place) makes \(output) again") }
        if defined.indices.contains(output.index) { defined[output.index] = true }
      }
    }
    for result in results where !isDefined(result) {
      found.append("the result \(result) is never made")
    }
    for state in states {
      if let update = state.update, type(update) != type(state.value) {
        found.append("state \(state.name) of \(type(state.value)) becomes \(type(update))")
      }
    }
    return found
  }
}

extension Graph: CustomStringConvertible {
  /// A line a node: `%7 = convolution(%0, %1) : f32[8, 6, 28, 28]  // conv1`.
  public var description: String {
    var lines: [String] = []
    for port in inputs { lines.append("\(port.value) = input \(port.name) : \(type(port.value))") }
    for state in states {
      lines.append("\(state.value) = state \(state.name) : \(type(state.value))")
    }
    for node in nodes {
      let results = node.outputs.map(\.description).joined(separator: ", ")
      let operands = node.inputs.map(\.description).joined(separator: ", ")
      let types = node.outputs.map { type($0).description }.joined(separator: ", ")
      let place = node.path.isEmpty ? "" : "  // \(node.path) \(node.phase.rawValue)"
      lines.append("\(results) = \(node.op.name)(\(operands)) : \(types)\(place)")
    }
    for state in states {
      if let update = state.update { lines.append("state \(state.name) <- \(update)") }
    }
    for port in outputs { lines.append("output \(port.name) = \(port.value)") }
    return lines.joined(separator: "\n")
  }
}
