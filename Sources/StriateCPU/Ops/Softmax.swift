import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Lowering {
  /// Softmax along an axis, whose elements are made neighbours in memory first.
  mutating func lowerSoftmax(_ op: Softmax, _ node: Node) throws {
    let type = graph.type(node.inputs[0])
    guard isSinglePrecision(node), type.shape.count > 0, type.shape.rank <= Int(DN_MAX_RANK) else {
      return try interpret(node, because: reason(against: node, axes: Int(DN_MAX_RANK)))
    }
    let dims = Layout.extents(type.shape)
    var strides = [Int64](repeating: 1, count: dims.count)
    var step = dims[op.axis]
    for axis in dims.indices.reversed() where axis != op.axis {
      strides[axis] = step
      step *= dims[axis]
    }
    let layout =
      op.axis == dims.count - 1 ? try Layout.plain(type) : try Layout.strided(type, dims, strides)
    let attributes = try Attributes()
    let algorithm = op.isLog ? DN_SOFTMAX_LOG : DN_SOFTMAX_ACCURATE
    let descriptor = try PrimitiveDescriptor("a softmax of \(type)") {
      dn_softmax_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_INFERENCE), Int32(algorithm), layout.descriptor,
        layout.descriptor, Int32(op.axis), attributes.pointer)
    }
    let x = try placed(node.inputs[0], as: layout)
    let y = define(node.outputs[0], layout)
    try add(
      op.name, descriptor, reads: [(Int(DN_ARG_SRC), x)], writes: [(Int(DN_ARG_DST), y)], for: node)
  }

  mutating func lowerCrossEntropy(_ op: CrossEntropy, _ node: Node) throws {
    try lowerCrossEntropy(op.smoothing, op.ignored, node, gradient: nil, sk_run_cross_entropy)
  }

  mutating func lowerCrossEntropyBackward(_ op: CrossEntropyBackward, _ node: Node) throws {
    try lowerCrossEntropy(
      op.smoothing, op.ignored, node, gradient: node.inputs[2], sk_run_cross_entropy_backward)
  }

  private mutating func lowerCrossEntropy(
    _ smoothing: Double, _ ignored: Int?, _ node: Node, gradient: ValueID?,
    _ body: @escaping dn_body
  ) throws {
    let type = graph.type(node.inputs[0])
    guard type.dtype == .float32 else { return try interpret(node, because: reason(against: node)) }
    let label = ignored.flatMap { Int32(exactly: $0) }  // any other is no label at all
    let logits = try plain(node.inputs[0])
    let labels = try plain(node.inputs[1])
    let loss = try gradient.map { try plain($0) }
    let result = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let reads = [logits.buffer, labels.buffer] + (loss.map { [$0.buffer] } ?? [])
    // An exponential costs about as much as thirty additions.
    add(
      node.op.name, body, work: type.shape.count * 30, reads: reads, writes: [result.buffer],
      for: node
    ) { address in
      KernelContext(
        sk_cross_entropy(
          logits: address(logits.buffer).assumingMemoryBound(to: Float.self),
          labels: address(labels.buffer).assumingMemoryBound(to: Int32.self),
          d_loss: loss.map {
            UnsafePointer(address($0.buffer).assumingMemoryBound(to: Float.self))
          },
          result: address(result.buffer).assumingMemoryBound(to: Float.self),
          rows: Int64(type.shape[0]), classes: Int64(type.shape[1]), smoothing: Float(smoothing),
          ignores: label == nil ? 0 : 1, ignored: label ?? 0))
    }
  }
}
