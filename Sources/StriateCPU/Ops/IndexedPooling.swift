import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerMaxPoolWithIndices(_ op: MaxPoolWithIndices, _ node: Node) throws {
    guard canPool(node) else { return try interpret(node, because: reason(against: node, axes: 5)) }
    let y = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let indices = define(node.outputs[1], try .plain(graph.type(node.outputs[1])))
    try addMaxPool(op.windows, node, y: y.buffer, indices: indices.buffer)
  }

  /// Max pooling by our kernel, which leaves the places of the maxima for the gradient.
  mutating func lowerOwnMaxPool(_ op: MaxPool, _ node: Node) throws {
    guard canPool(node) else { return try interpret(node, because: reason(against: node, axes: 5)) }
    let y = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let indices = arena(y.layout.byteCount)
    maxima[HintKey(source: node.inputs[0], op: node.op)] = indices
    try addMaxPool(.sliding(op.window), node, y: y.buffer, indices: indices)
  }

  /// The gradient of max pooling by our kernel; the maxima are looked for again where the program has none.
  mutating func lowerOwnMaxPoolBackward(_ op: MaxPoolBackward, _ node: Node) throws {
    guard canPool(node) else { return try interpret(node, because: reason(against: node, axes: 5)) }
    let indices: BufferID
    if let known = maxima[HintKey(source: node.inputs[0], op: .maxPool(MaxPool(op.window)))] {
      indices = known
    } else {
      let bytes = graph.type(node.inputs[1]).byteCount
      indices = arena(bytes)
      try addMaxPool(.sliding(op.window), node, y: arena(bytes), indices: indices)
    }
    let dy = try plain(node.inputs[2])
    let dx = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    addUnpool(node, whole: dx, pooled: dy, indices: indices, gathers: false)
  }

  mutating func lowerMaxUnpool(_ node: Node) throws {
    guard graph.type(node.inputs[0]).dtype == .float32 else {
      return try interpret(node, because: reason(against: node))
    }
    let (y, indices) = (try plain(node.inputs[0]), try plain(node.inputs[1]))
    let x = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    addUnpool(node, whole: x, pooled: y, indices: indices.buffer, gathers: false)
  }

  mutating func lowerMaxUnpoolBackward(_ node: Node) throws {
    guard graph.type(node.inputs[0]).dtype == .float32 else {
      return try interpret(node, because: reason(against: node))
    }
    let (x, indices) = (try plain(node.inputs[0]), try plain(node.inputs[1]))
    let y = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    addUnpool(node, whole: x, pooled: y, indices: indices.buffer, gathers: true)
  }

  /// Whether our kernel takes the pooling: three spatial axes at most, in single precision.
  private func canPool(_ node: Node) -> Bool {
    let type = graph.type(node.inputs[0])
    return type.dtype == .float32 && type.shape.rank <= 5
  }

  private mutating func addMaxPool(
    _ windows: PoolWindows, _ node: Node, y: BufferID, indices: BufferID
  ) throws {
    let x = try plain(node.inputs[0])
    let shape = graph.type(node.inputs[0]).shape
    let input = Array(shape.dims.dropFirst(2))
    // The pooled shape is that of the first result, or of the second operand of a gradient.
    let pooled = node.inputs.count == 1 ? node.outputs[0] : node.inputs[1]
    let output = Array(graph.type(pooled).shape.dims.dropFirst(2))
    let missing = 3 - input.count
    let axes =
      [PoolAxis](repeating: PoolAxis(starts: [0], counts: [1]), count: missing)
      + input.indices.map { windows.axis($0, input: input[$0], output: output[$0]) }
    let lead = [Int](repeating: 1, count: missing)
    let starts = axes.map { plan.buffer(.constant(HostTensor($0.starts.map { Int32($0) }))) }
    let counts = axes.map { plan.buffer(.constant(HostTensor($0.counts.map { Int32($0) }))) }
    add(
      node.op.name, sk_run_max_pool, work: shape.count * 4, reads: [x.buffer],
      writes: [y, indices],
      for: node
    ) { address in
      func list(_ id: BufferID) -> UnsafePointer<Int32> {
        UnsafePointer(address(id).assumingMemoryBound(to: Int32.self))
      }
      var kernel = sk_max_pool()
      kernel.x = UnsafePointer(address(x.buffer).assumingMemoryBound(to: Float.self))
      kernel.y = address(y).assumingMemoryBound(to: Float.self)
      kernel.indices = address(indices).assumingMemoryBound(to: Int32.self)
      kernel.starts = (list(starts[0]), list(starts[1]), list(starts[2]))
      kernel.counts = (list(counts[0]), list(counts[1]), list(counts[2]))
      kernel.planes = Int64(shape[0] * shape[1])
      assign(&kernel.input, lead + input)
      assign(&kernel.output, lead + output)
      assign(&kernel.step, axes.map(\.step))
      if case .sliding(let window) = windows {
        kernel.window = Int64(window.kernel.last ?? 1)
        kernel.stride = Int64(window.stride.last ?? 0)
        kernel.low = Int64(window.padLow.last ?? 0)
      }
      return KernelContext(kernel)
    }
  }

  private mutating func addUnpool(
    _ node: Node, whole: Placed, pooled: Placed, indices: BufferID, gathers: Bool
  ) {
    let shape = whole.layout.type.shape
    let plane = { (layout: Layout) in layout.type.shape.dims.dropFirst(2).reduce(1, *) }
    add(
      node.op.name, sk_run_max_unpool, work: shape.count,
      reads: [(gathers ? whole : pooled).buffer, indices],
      writes: [(gathers ? pooled : whole).buffer], for: node
    ) { address in
      KernelContext(
        sk_max_unpool(
          x: address(whole.buffer).assumingMemoryBound(to: Float.self),
          y: address(pooled.buffer).assumingMemoryBound(to: Float.self),
          indices: address(indices).assumingMemoryBound(to: Int32.self),
          planes: Int64(shape[0] * shape[1]), whole: Int64(plane(whole.layout)),
          pooled: Int64(plane(pooled.layout)), gathers: gathers ? 1 : 0))
    }
  }
}
