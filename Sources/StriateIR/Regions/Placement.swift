import StriateCore

/// Where the values of a part's graph lie in those of the whole.
///
/// Both graphs are one network's at two extents. They have the same nodes in the same order, but for padding and
/// cropping at the end, which depends on the extent and moves nothing.
struct Placement {
  private let (whole, part): (Graph, Graph)
  private let (input, partInput): (ValueID, ValueID)
  private let start: [Int]

  init(
    _ whole: Graph, from input: ValueID, _ part: Graph, from partInput: ValueID, at start: [Int]
  ) {
    (self.whole, self.part) = (whole, part)
    (self.input, self.partInput) = (input, partInput)
    self.start = start
  }

  /// The position in the whole of each value's first position in the part, by the whole's values; nil of those that
  /// do not depend on the image.
  ///
  /// - Parameter wanted: the positions, in the whole, that must be the same in the part.
  /// - Throws: `GlobalOperation` that gives them other values.
  func offsets(_ wanted: [Region?]) throws(GlobalOperation) -> [[Int]?] {
    var offsets = [[Int]?](repeating: nil, count: whole.types.count)
    offsets[input.index] = start
    let producers = (whole: whole.producers, part: part.producers)
    func maker(_ value: ValueID) -> Node? { producers.whole[value.index].map { whole.nodes[$0] } }
    func twinMaker(_ value: ValueID) -> Node? { producers.part[value.index].map { part.nodes[$0] } }
    let depends = whole.dependents(of: input)
    let partDepends = part.dependents(of: partInput)
    var rest = part.nodes.filter { $0.inputs.contains { partDepends[$0.index] } }[...]
    for node in whole.nodes {
      guard let operand = node.inputs.firstIndex(where: { offsets[$0.index] != nil }),
        let own = offsets[node.inputs[operand].index]
      else { continue }
      if node.op.isTrim {
        offsets[node.outputs[0].index] = own
        continue
      }
      rest = rest.drop { $0.op.isTrim }
      guard let other = rest.popFirst(), other.op.name == node.op.name,
        other.inputs.count == node.inputs.count, other.outputs.count == node.outputs.count
      else { throw refusal(node, "a part of the image is answered by other operations") }
      let axes = try whole.reads(
        node, operand: operand, depends: depends, maker: maker)
      let partAxes = try part.reads(
        other, operand: operand, depends: partDepends, maker: twinMaker)
      let (x, y) = (whole.type(node.inputs[operand]).shape, whole.type(node.outputs[0]).shape)
      let moved = zip(axes, partAxes).enumerated().map { axis, pair in
        pair.0.place(own[axis], before: pair.1, growth: (x[axis + 2], y[axis + 2]))
      }
      let found = moved.compactMap(\.self)
      guard found.count == moved.count else {
        throw refusal(node, "its windows lie elsewhere in a part of the image")
      }
      for (axis, pair) in zip(axes, partAxes).enumerated() {
        guard case .table(let table) = pair.0, case .table(let partTable) = pair.1 else { continue }
        let range = wanted[node.outputs[0].index]?.axes[axis] ?? 0..<0
        guard table.equals(partTable, at: range, moved: (found[axis], own[axis])) else {
          throw refusal(node, "its weights go by the image's extent")
        }
      }
      for value in node.inputs where offsets[value.index].map({ $0 != own }) ?? false {
        throw refusal(node, "its operands lie in different places of a part of the image")
      }
      for output in node.outputs { offsets[output.index] = found }
    }
    return offsets
  }

  private func refusal(_ node: Node, _ reason: String) -> GlobalOperation {
    GlobalOperation(op: node.op.name, path: node.path, reason: reason)
  }
}

extension Op {
  /// Whether it adds or removes positions at the end of axes, and nothing else.
  fileprivate var isTrim: Bool {
    switch self {
    case .pad(let rule):
      rule.low.allSatisfy { $0 == 0 } && rule.interior.allSatisfy { $0 == 0 }
    case .slice(let rule):
      rule.start.allSatisfy { $0 == 0 } && rule.step.allSatisfy { $0 == 1 }
    default: false
    }
  }
}

extension ResizeTable {
  /// Whether some outputs have the same weights as in another table, of whose first output and input these are the
  /// places.
  fileprivate func equals(
    _ other: ResizeTable, at outputs: Range<Int>, moved: (output: Int, input: Int)
  ) -> Bool {
    outputs.allSatisfy { output in
      let there = output - moved.output
      guard 0..<other.output ~= there, count(output) == other.count(there),
        starts[output] == other.starts[there] + moved.input
      else { return false }
      return (0..<count(output)).allSatisfy {
        abs(weights[offsets[output] + $0] - other.weights[other.offsets[there] + $0]) < 1e-9
      }
    }
  }
}
