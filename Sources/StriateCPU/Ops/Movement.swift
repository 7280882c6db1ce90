import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerBroadcast(_ op: Broadcast, _ node: Node) throws {
    let source = graph.type(node.inputs[0]).shape
    let lead = op.shape.rank - source.rank
    let strides = (0..<op.shape.rank).map { axis in
      axis < lead || source[axis - lead] == 1 ? 0 : source.strides[axis - lead]
    }
    try copy(node, extents: op.shape.dims, from: strides, to: op.shape.strides)
  }

  mutating func lowerTranspose(_ op: Transpose, _ node: Node) throws {
    let strides = graph.type(node.inputs[0]).shape.strides
    let shape = graph.type(node.outputs[0]).shape
    try copy(
      node, extents: shape.dims, from: op.order.map { strides[$0] }, to: shape.strides)
  }

  mutating func lowerSlice(_ op: Slice, _ node: Node) throws {
    let strides = graph.type(node.inputs[0]).shape.strides
    let shape = graph.type(node.outputs[0]).shape
    let start = zip(op.start, strides).reduce(0) { $0 + $1.0 * $1.1 }
    try copy(
      node, extents: shape.dims, from: zip(strides, op.step).map { $0 * $1 }, to: shape.strides,
      sourceStart: start)
  }

  mutating func lowerPad(_ op: Pad, _ node: Node) throws {
    let type = graph.type(node.outputs[0])
    guard type.dtype.size == 4, type.dtype == .float32 else {
      return try interpret(node, because: reason(against: node))
    }
    let strides = type.shape.strides
    let start = zip(op.low, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let target = define(node.outputs[0], try .plain(type))
    fill(target, with: Float(op.value).bitPattern, for: node)
    try copy(
      node, extents: graph.type(node.inputs[0]).shape.dims,
      from: graph.type(node.inputs[0]).shape.strides,
      to: zip(strides, op.interior).map { $0 * ($1 + 1) }, targetStart: start, into: target)
  }

  mutating func lowerConcat(_ op: Concat, _ node: Node) throws {
    let type = graph.type(node.outputs[0])
    let target = define(node.outputs[0], try .plain(type))
    var start = 0
    for (operand, input) in node.inputs.enumerated() {
      let shape = graph.type(input).shape
      try copy(
        node, operand: operand, extents: shape.dims, from: shape.strides, to: type.shape.strides,
        targetStart: start * type.shape.strides[op.axis], into: target)
      start += shape[op.axis]
    }
  }

  mutating func lowerFill(_ op: Fill, _ node: Node) throws {
    if op.type.dtype.size != 4 || op.type.shape.count < 16 {
      let one = HostTensor(scalar: op.value).converted(to: op.type.dtype)
      let value = HostTensor(type: op.type) { bytes in
        one.withUnsafeBytes { element in
          for index in bytes.indices { bytes[index] = element[index % element.count] }
        }
      }
      places[node.outputs[0]] = [
        Placed(buffer: plan.buffer(.constant(value)), layout: try .plain(op.type))
      ]
      return
    }
    let target = define(node.outputs[0], try .plain(op.type))
    let bits =
      op.type.dtype == .float32
      ? Float(op.value).bitPattern : UInt32(bitPattern: Int32(fromDouble: op.value))
    fill(target, with: bits, for: node)
  }

  private mutating func fill(_ target: Placed, with bits: UInt32, for node: Node) {
    let count = target.layout.byteCount / 4
    add("fill", sk_run_fill, work: count, reads: [], writes: [target.buffer], for: node) {
      address in
      KernelContext(sk_fill(target: address(target.buffer), count: Int64(count), bits: bits))
    }
  }

  /// Copies an operand between strided arrays, rows contiguous on both ends.
  private mutating func copy(
    _ node: Node, operand: Int = 0, extents: [Int], from: [Int], to: [Int], sourceStart: Int = 0,
    targetStart: Int = 0, into known: Placed? = nil
  ) throws {
    let type = graph.type(node.outputs[0])
    let axes = extents.indices.filter { extents[$0] != 1 }
    guard axes.count <= Int(SK_MAX_RANK) else {
      return try interpret(node, because: reason(against: node, axes: Int(SK_MAX_RANK)))
    }
    let source = try plain(node.inputs[operand])
    let target = try known ?? define(node.outputs[0], .plain(type))
    let size = type.dtype.size
    add(
      node.op.name, sk_run_copy, work: extents.reduce(1, *), reads: [source.buffer],
      writes: [target.buffer], for: node
    ) { address in
      var kernel = sk_copy()
      kernel.source = UnsafeRawPointer(address(source.buffer) + sourceStart * size)
      kernel.target = address(target.buffer) + targetStart * size
      kernel.rank = Int32(max(axes.count, 1))
      kernel.size = Int32(size)
      assign(&kernel.extent, axes.isEmpty ? [1] : axes.map { extents[$0] })
      assign(&kernel.from, axes.isEmpty ? [1] : axes.map { from[$0] })
      assign(&kernel.to, axes.isEmpty ? [1] : axes.map { to[$0] })
      return KernelContext(kernel)
    }
  }
}
