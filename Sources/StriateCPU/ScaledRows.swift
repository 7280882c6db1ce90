import StriateCore
import StriateIR

/// Numbers that scale or shift a tensor: element `i`, counted in rows, by number `i / inner mod count`.
struct RowVector {
  /// The numbers, in order.
  let vector: ValueID
  let inner, count: Int
  /// The axes of the tensor along which they differ.
  let axes: ClosedRange<Int>

  /// Whether rows of an extent are whole pieces of one number each, or run along the numbers.
  func divides(rows extent: Int) -> Bool {
    guard inner > 0, extent > 0 else { return false }
    return inner == 1 ? count % extent == 0 : extent % inner == 0
  }

  /// Whether a sum is over all axes but these.
  func isLeft(by op: Reduce, of shape: Shape) -> Bool {
    op.kind == .sum
      && (0..<shape.rank).allSatisfy { shape[$0] == 1 || axes.contains($0) != op.axes.contains($0) }
  }
}

/// What is done to standardised rows on the way to memory.
struct ScaledRows {
  let scale: RowVector
  var shift: ValueID?
  var relu = false
  /// Whether something reads the rows as they were before.
  var keepsRows = false
}

/// The gradient of scaled rows: of what it is and what else it makes.
struct ScaledRowsGradient {
  let scale: RowVector
  /// The gradient of the scaled and shifted rows.
  let dy: ValueID
  var scaleGradient, shiftGradient: ValueID?
}

extension Grouping {
  /// Layer, group and instance norm: rows are scaled and shifted while they are standardised.
  mutating func matchScaledRows(_ results: Set<ValueID>) {
    for (position, node) in graph.nodes.enumerated() where groupOf[position] < 0 {
      switch node.op {
      case .standardize: matchForward(position, node, results)
      case .standardizeBackward: matchBackward(position, node, results)
      default: break
      }
    }
  }

  /// The numbers that a value repeats along some neighbouring axes.
  private func rowVector(_ id: ValueID) -> RowVector? {
    guard let broadcast = node(id), case .broadcast(let op) = broadcast.op else { return nil }
    let source = graph.type(broadcast.inputs[0]).shape
    let lead = op.shape.rank - source.rank
    let axes = source.dims.indices.filter { source[$0] != 1 }
    guard let first = axes.first, let last = axes.last, source.count > 0,
      (first...last).allSatisfy({ source[$0] == op.shape[$0 + lead] })
    else { return nil }
    return RowVector(
      vector: origin(broadcast.inputs[0]),
      inner: op.shape.dims.dropFirst(last + lead + 1).reduce(1, *), count: source.count,
      axes: first + lead...last + lead)
  }

  /// The value that reshapes started from.
  private func origin(_ id: ValueID) -> ValueID {
    var id = id
    while let maker = node(id), case .reshape = maker.op { id = maker.inputs[0] }
    return id
  }

  /// The other operand of a binary node of a kind, if it is not the same value.
  private func partner(of id: ValueID, in node: Node, _ kind: Binary.Kind) -> ValueID? {
    guard case .binary(let op) = node.op, op.kind == kind,
      node.inputs.filter({ $0 == id }).count == 1
    else { return nil }
    return node.inputs.first { $0 != id }
  }

  /// The numbers of an operand that fit rows of an extent, and wait for nothing that a node makes.
  private func rowVector(_ id: ValueID, rows extent: Int, awaiting start: Int) -> RowVector? {
    guard let found = rowVector(id), found.divides(rows: extent), let maker = producers[id.index],
      graph.type(id).dtype == .float32, !isNeeded(start, by: maker)
    else { return nil }
    return found
  }

  private mutating func matchForward(_ position: Int, _ node: Node, _ results: Set<ValueID>) {
    let type = graph.type(node.outputs[0])
    guard type.dtype == .float32, type.shape.count > 0 else { return }
    let extent = type.shape.count / max(graph.type(node.outputs[1]).shape.count, 1)
    // The rows, or the same memory under other extents.
    let views = consumers[node.outputs[0].index].filter {
      if case .reshape = graph.nodes[$0].op { groupOf[$0] < 0 } else { false }
    }
    for view in [nil] + views.map(Optional.some) {
      let y = view.map { graph.nodes[$0].outputs[0] } ?? node.outputs[0]
      for reader in consumers[y.index] where groupOf[reader] < 0 {
        guard let factor = partner(of: y, in: graph.nodes[reader], .multiply),
          let scale = rowVector(factor, rows: extent, awaiting: position)
        else { continue }
        var rows = ScaledRows(scale: scale)
        var nodes = [position, reader] + (view.map { [$0] } ?? [])
        var last = graph.nodes[reader].outputs[0]
        if let next = onlyConsumer(last, results), groupOf[next] < 0,
          let term = partner(of: last, in: graph.nodes[next], .add),
          let shift = rowVector(term, rows: extent, awaiting: position),
          shift.inner == scale.inner, shift.count == scale.count
        {
          rows.shift = shift.vector
          nodes.append(next)
          last = graph.nodes[next].outputs[0]
        }
        if let next = onlyConsumer(last, results), groupOf[next] < 0,
          case .unary(let op) = graph.nodes[next].op, op.kind == .relu
        {
          rows.relu = true
          nodes.append(next)
        }
        let made = [node.outputs[0]] + (view == nil ? [] : [y])
        rows.keepsRows = made.contains { id in
          results.contains(id) || consumers[id.index].contains { !nodes.contains($0) }
        }
        add(Group(kind: .scaledRows(rows), nodes: nodes.sorted()))
        return
      }
    }
  }

  private mutating func matchBackward(_ position: Int, _ node: Node, _ results: Set<ValueID>) {
    let type = graph.type(node.outputs[0])
    guard type.dtype == .float32, type.shape.count > 0 else { return }
    let extent = type.shape.count / max(graph.type(node.inputs[1]).shape.count, 1)
    var nodes = [position]
    var product = node.inputs[2]
    guard onlyConsumer(product, results) == position else { return }
    if let maker = producers[product.index], case .reshape = graph.nodes[maker].op {
      nodes.append(maker)
      product = graph.nodes[maker].inputs[0]
      guard onlyConsumer(product, results) == maker, groupOf[maker] < 0 else { return }
    }
    guard let maker = producers[product.index], groupOf[maker] < 0,
      case .binary(let op) = graph.nodes[maker].op, op.kind == .multiply
    else { return }
    nodes.append(maker)
    for dy in graph.nodes[maker].inputs {
      guard let factor = partner(of: dy, in: graph.nodes[maker], .multiply),
        let scale = rowVector(factor), scale.divides(rows: extent),
        graph.type(dy).shape.count == type.shape.count
      else { continue }
      let shape = graph.type(dy).shape
      var rows = ScaledRowsGradient(scale: scale, dy: dy)
      func sum(_ reader: Int) -> ValueID? {
        guard groupOf[reader] < 0, case .reduce(let op) = graph.nodes[reader].op,
          scale.isLeft(by: op, of: shape), !isNeeded(reader, by: position)
        else { return nil }
        return graph.nodes[reader].outputs[0]
      }
      for reader in consumers[dy.index] {
        if rows.shiftGradient == nil, let gradient = sum(reader) {
          rows.shiftGradient = gradient
          nodes.append(reader)
        } else if rows.scaleGradient == nil, groupOf[reader] < 0,
          let y = partner(of: dy, in: graph.nodes[reader], .multiply),
          origin(y) == origin(node.inputs[0]),
          let next = onlyConsumer(graph.nodes[reader].outputs[0], results),
          let gradient = sum(next)
        {
          rows.scaleGradient = gradient
          nodes += [reader, next]
        }
      }
      add(Group(kind: .scaledRowsBackward(rows), nodes: nodes.sorted()))
      return
    }
  }
}
