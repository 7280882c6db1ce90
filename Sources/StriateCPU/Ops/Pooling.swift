import CDNNL
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerMaxPool(_ op: MaxPool, _ node: Node) throws {
    if graph.type(node.inputs[0]).dtype.size == 1 { return try lowerByteMaxPool(op, node) }
    let algorithm = Int(DN_POOLING_MAX)
    guard isPoolable(node), try !isInRows(op.window, node.inputs[0], node.outputs[0]),
      try !isNaive(op.window, algorithm, node.inputs[0], graph.type(node.outputs[0]))
    else { return try lowerOwnMaxPool(op, node) }
    try lowerPool(op.window, Int(DN_POOLING_MAX), node, keepsWorkspace: true)
  }

  /// Whether rows of windows are what our kernel reads in vectors; the library first turns rows into channels last,
  /// for longer than the pooling takes.
  private mutating func isInRows(_ window: Window, _ x: ValueID, _ y: ValueID) throws -> Bool {
    guard let stride = window.stride.last, let width = graph.type(y).shape.dims.last else {
      return false
    }
    return try stride <= 2 && width >= 8 && place(x).layout.isPlain
  }

  /// Whether the library has only generic code for a pooling: for dilated maxima, for means of rows.
  private mutating func isNaive(
    _ window: Window, _ algorithm: Int, _ x: ValueID, _ y: TensorType
  ) throws -> Bool {
    let layout = try place(x).layout
    return try forward(window, algorithm, x: layout, y: y).isNaive
  }

  mutating func lowerAveragePool(_ op: AveragePool, _ node: Node) throws {
    if isEmpty(node) { return try lowerEmpty(node.outputs[0]) }
    let algorithm = Int(op.countsPadding ? DN_POOLING_AVG_INCLUDE : DN_POOLING_AVG_EXCLUDE)
    let (x, y) = (node.inputs[0], node.outputs[0])
    guard isPoolable(node), try !isNaive(op.window, algorithm, x, graph.type(y)) else {
      let types = (graph.type(x).shape, graph.type(y).shape)
      return try lowerResampling(node) { Lowering.tables(op, types.0, types.1) }
    }
    try lowerPool(op.window, algorithm, node, keepsWorkspace: false)
  }

  /// A mean under windows as a linear map along each axis.
  private static func tables(_ op: AveragePool, _ x: Shape, _ y: Shape) -> [ResizeTable] {
    (0..<x.rank - 2).map { ResizeTable(op, axis: $0, input: x[$0 + 2], output: y[$0 + 2]) }
  }

  private func isEmpty(_ node: Node) -> Bool {
    node.outputs.allSatisfy { graph.type($0).shape.count == 0 }
  }

  private func isPoolable(_ node: Node) -> Bool {
    isSinglePrecision(node) && node.outputs.allSatisfy { graph.type($0).shape.count > 0 }
      && graph.type(node.inputs[0]).shape.rank <= 5
  }

  private func forward(
    _ window: Window, _ algorithm: Int, x: Layout, y: TensorType
  ) throws -> PrimitiveDescriptor {
    let arguments = WindowArguments(window)
    let attributes = try Attributes()
    let target = try x.isPlain ? Layout.plain(y) : Layout.any(y)
    return try PrimitiveDescriptor("a pooling of \(x.type)") {
      dn_pooling_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_TRAINING), Int32(algorithm), x.descriptor, target.descriptor,
        arguments.stride, arguments.kernel, arguments.dilation, arguments.low, arguments.high,
        attributes.pointer)
    }
  }

  private mutating func lowerPool(
    _ window: Window, _ algorithm: Int, _ node: Node, keepsWorkspace: Bool
  ) throws {
    let x = try place(node.inputs[0])
    let y = graph.type(node.outputs[0])
    let descriptor = try forward(window, algorithm, x: x.layout, y: y)
    let result = define(node.outputs[0], try descriptor.layout(Int(DN_QUERY_DST), y))
    var writes = [(Int(DN_ARG_DST), result)]
    var workspace: BufferID?
    let bytes = descriptor.byteCount(Int(DN_QUERY_WORKSPACE))
    if keepsWorkspace, bytes > 0 {
      let (place, layout) = try opaque(descriptor, Int(DN_QUERY_WORKSPACE), bytes)
      writes.append((Int(DN_ARG_WORKSPACE), Placed(buffer: place, layout: layout)))
      workspace = place
    }
    hints[HintKey(source: node.inputs[0], op: node.op)] = Hint(
      descriptor: descriptor, workspace: workspace)
    try add(node.op.name, descriptor, reads: [(Int(DN_ARG_SRC), x)], writes: writes, for: node)
  }

  /// New memory whose layout only the library knows.
  mutating func opaque(
    _ descriptor: PrimitiveDescriptor, _ query: Int, _ bytes: Int
  ) throws -> (BufferID, Layout) {
    let layout = try descriptor.layout(query, TensorType(.uint8, [bytes]))
    return (arena(bytes), layout)
  }

  mutating func lowerMaxPoolBackward(_ op: MaxPoolBackward, _ node: Node) throws {
    let key = HintKey(source: node.inputs[0], op: .maxPool(MaxPool(op.window)))
    let y = graph.type(node.inputs[1])
    guard isPoolable(node), maxima[key] == nil,
      try hints[key] != nil || !isNaive(op.window, Int(DN_POOLING_MAX), node.inputs[0], y)
    else { return try lowerOwnMaxPoolBackward(op, node) }
    let hint: Hint
    if let known = hints[key] {
      hint = known
    } else {
      hint = try recomputeMaxPool(op, node)
    }
    guard let workspace = hint.workspace else { return try lowerOwnMaxPoolBackward(op, node) }
    let bytes = hint.descriptor.byteCount(Int(DN_QUERY_WORKSPACE))
    let layout = try hint.descriptor.layout(
      Int(DN_QUERY_WORKSPACE), TensorType(.uint8, [bytes]))
    try lowerPoolBackward(
      op.window, Int(DN_POOLING_MAX), node, dy: node.inputs[2], hint: hint.descriptor,
      workspace: Placed(buffer: workspace, layout: layout))
  }

  /// The forward pass once more, for its workspace, where the program has none.
  private mutating func recomputeMaxPool(_ op: MaxPoolBackward, _ node: Node) throws -> Hint {
    let x = try place(node.inputs[0])
    let y = graph.type(node.inputs[1])
    let descriptor = try forward(op.window, Int(DN_POOLING_MAX), x: x.layout, y: y)
    let layout = try descriptor.layout(Int(DN_QUERY_DST), y)
    let bytes = descriptor.byteCount(Int(DN_QUERY_WORKSPACE))
    guard bytes > 0 else { return Hint(descriptor: descriptor, workspace: nil) }
    let (workspace, workspaceLayout) = try opaque(descriptor, Int(DN_QUERY_WORKSPACE), bytes)
    let scrap = Placed(buffer: arena(layout.byteCount), layout: layout)
    try add(
      "max_pool", descriptor, reads: [(Int(DN_ARG_SRC), x)],
      writes: [
        (Int(DN_ARG_DST), scrap),
        (Int(DN_ARG_WORKSPACE), Placed(buffer: workspace, layout: workspaceLayout)),
      ], for: node)
    return Hint(descriptor: descriptor, workspace: workspace)
  }

  mutating func lowerAveragePoolBackward(_ op: AveragePoolBackward, _ node: Node) throws {
    if isEmpty(node) { return try lowerEmpty(node.outputs[0]) }
    let (shape, pooled) = (graph.type(node.outputs[0]).shape, graph.type(node.inputs[0]).shape)
    let pooling = AveragePool(op.window, countsPadding: op.countsPadding)
    guard isPoolable(node) else {
      return try lowerResampling(node) { Lowering.tables(pooling, shape, pooled).map(\.transposed) }
    }
    let algorithm = Int(op.countsPadding ? DN_POOLING_AVG_INCLUDE : DN_POOLING_AVG_EXCLUDE)
    // The gradient lies as the pooling's input did, if the program has one.
    let forwardOp = Op.averagePool(pooling)
    // Of several the first, so that a program is the same at every compilation.
    let twin = hints.filter { key, _ in
      key.op == forwardOp && graph.type(key.source) == graph.type(node.outputs[0])
    }.min { $0.key.source.index < $1.key.source.index }
    let hint: PrimitiveDescriptor
    if let twin {
      hint = twin.value.descriptor
    } else {
      let dy = try place(node.inputs[0]).layout
      let x =
        try dy.isPlain
        ? Layout.plain(graph.type(node.outputs[0])) : Layout.any(graph.type(node.outputs[0]))
      let source = x.isPlain ? x : try Layout.plain(graph.type(node.outputs[0]))
      hint = try forward(op.window, algorithm, x: source, y: graph.type(node.inputs[0]))
    }
    if hint.isNaive {
      return try lowerResampling(node) { Lowering.tables(pooling, shape, pooled).map(\.transposed) }
    }
    try lowerPoolBackward(
      op.window, algorithm, node, dy: node.inputs[0], hint: hint, workspace: nil)
  }

  private mutating func lowerPoolBackward(
    _ window: Window, _ algorithm: Int, _ node: Node, dy: ValueID, hint: PrimitiveDescriptor,
    workspace: Placed?
  ) throws {
    let arguments = WindowArguments(window)
    let attributes = try Attributes()
    let (xType, yType) = (graph.type(node.outputs[0]), graph.type(dy))
    let x = try hint.layout(Int(DN_QUERY_SRC), xType)
    let y = try hint.layout(Int(DN_QUERY_DST), yType)
    let descriptor = try PrimitiveDescriptor("the gradient of a pooling of \(xType)") {
      dn_pooling_backward_primitive_desc_create(
        &$0, engine, Int32(algorithm), x.descriptor, y.descriptor, arguments.stride,
        arguments.kernel, arguments.dilation, arguments.low, arguments.high, hint.pointer,
        attributes.pointer)
    }
    let gradient = try placed(dy, as: y)
    let result = define(node.outputs[0], x)
    var reads = [(Int(DN_ARG_DIFF_DST), gradient)]
    if let workspace { reads.append((Int(DN_ARG_WORKSPACE), workspace)) }
    try add(
      node.op.name, descriptor, reads: reads, writes: [(Int(DN_ARG_DIFF_SRC), result)], for: node)
  }
}
