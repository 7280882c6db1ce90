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
    if try sliceBlocks(op, node) { return }
    let strides = graph.type(node.inputs[0]).shape.strides
    let shape = graph.type(node.outputs[0]).shape
    let start = zip(op.start, strides).reduce(0) { $0 + $1.0 * $1.1 }
    try copy(
      node, extents: shape.dims, from: zip(strides, op.step).map { $0 * $1 }, to: shape.strides,
      sourceStart: start)
  }

  mutating func lowerPad(_ op: Pad, _ node: Node) throws {
    let type = graph.type(node.outputs[0])
    let strides = type.shape.strides
    let start = zip(op.low, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let target = define(node.outputs[0], try .plain(type))
    fill(target, with: op.value, for: node)
    try copy(
      node, extents: graph.type(node.inputs[0]).shape.dims,
      from: graph.type(node.inputs[0]).shape.strides,
      to: zip(strides, op.interior).map { $0 * ($1 + 1) }, targetStart: start, into: target)
  }

  mutating func lowerConcat(_ op: Concat, _ node: Node) throws {
    if try concatBlocks(op, node) { return }
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

  mutating func lowerReverse(_ op: Reverse, _ node: Node) throws {
    let shape = graph.type(node.inputs[0]).shape
    guard shape.count > 0 else {
      return try copy(node, extents: shape.dims, from: shape.strides, to: shape.strides)
    }
    let last = op.axes.reduce(0) { $0 + (shape[$1] - 1) * shape.strides[$1] }
    let strides = shape.strides.enumerated().map { op.axes.contains($0) ? -$1 : $1 }
    try copy(node, extents: shape.dims, from: strides, to: shape.strides, sourceStart: last)
  }

  /// The first operand as it is: after the standard passes there is no such node.
  mutating func lowerStraightThrough(_ node: Node) throws {
    let shape = graph.type(node.inputs[0]).shape
    try copy(node, extents: shape.dims, from: shape.strides, to: shape.strides)
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
    fill(target, with: op.value, for: node)
  }

  private mutating func fill(_ target: Placed, with number: Double, for node: Node) {
    let dtype = target.layout.type.dtype
    let count = target.layout.byteCount / dtype.size
    let bits = Self.bits(of: number, dtype)
    add("fill", sk_run_fill, work: count, reads: [], writes: [target.buffer], for: node) {
      address in
      KernelContext(
        sk_fill(
          target: address(target.buffer), count: Int64(count), bits: bits, size: Int32(dtype.size)))
    }
  }

  /// Copies an operand between strided arrays, rows contiguous on both ends.
  private mutating func copy(
    _ node: Node, operand: Int = 0, extents: [Int], from: [Int], to: [Int], sourceStart: Int = 0,
    targetStart: Int = 0, into known: Placed? = nil
  ) throws {
    let rows = CopyRows(extents, from: from, to: to)
    guard rows.extents.count <= Int(SK_MAX_RANK) else {
      return try interpret(node, because: reason(against: node, axes: Int(SK_MAX_RANK)))
    }
    let source = try plain(node.inputs[operand])
    let target = try known ?? define(node.outputs[0], .plain(graph.type(node.outputs[0])))
    copy(rows, source, sourceStart, target, targetStart, for: node)
  }

  /// Copies rows of elements from one place to another, each from an element on.
  mutating func copy(
    _ rows: CopyRows, _ source: Placed, _ sourceStart: Int, _ target: Placed, _ targetStart: Int,
    for node: Node
  ) {
    let size = target.layout.type.dtype.size
    let extents = rows.extents
    add(
      node.op.name, sk_run_copy, work: extents.reduce(1, *), reads: [source.buffer],
      writes: [target.buffer], for: node
    ) { address in
      var kernel = sk_copy()
      kernel.source = UnsafeRawPointer(address(source.buffer) + sourceStart * size)
      kernel.target = address(target.buffer) + targetStart * size
      kernel.rank = Int32(rows.extents.count)
      kernel.size = Int32(size)
      assign(&kernel.extent, rows.extents)
      assign(&kernel.from, rows.from)
      assign(&kernel.to, rows.to)
      return KernelContext(kernel)
    }
  }

  /// The bits of a number in an element type, in the low bytes.
  static func bits(of number: Double, _ dtype: DType) -> UInt64 {
    HostTensor(scalar: number).converted(to: dtype).withUnsafeBytes { bytes in
      bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
    }
  }
}

/// The axes of a copy, without those of extent 1, and with those joined that are neighbours on both ends.
struct CopyRows {
  private(set) var extents: [Int] = []
  private(set) var from: [Int] = []
  private(set) var to: [Int] = []

  init(_ dims: [Int], from sources: [Int], to targets: [Int]) {
    for axis in dims.indices where dims[axis] != 1 {
      if let last = extents.indices.last, from[last] == sources[axis] * dims[axis],
        to[last] == targets[axis] * dims[axis]
      {
        extents[last] *= dims[axis]
        (from[last], to[last]) = (sources[axis], targets[axis])
      } else {
        extents.append(dims[axis])
        from.append(sources[axis])
        to.append(targets[axis])
      }
    }
    if extents.isEmpty { (extents, from, to) = ([1], [1], [1]) }
  }
}
