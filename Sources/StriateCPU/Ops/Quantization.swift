import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerQuantize(_ op: Quantize, _ node: Node) throws {
    try quantization(op.quantization, node, sk_run_quantize)
  }

  mutating func lowerDequantize(_ op: Dequantize, _ node: Node) throws {
    try quantization(op.quantization, node, sk_run_dequantize)
  }

  private mutating func quantization(
    _ how: Quantization, _ node: Node, _ body: @escaping dn_body
  ) throws {
    let (from, to) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    guard from.dtype == .float32 || to.dtype == .float32 else {
      return try interpret(node, because: reason(against: node))
    }
    if let (source, target) = try channelsLast(node, how) {
      return try channelsLast(how, node, body, from: source, to: target)
    }
    let shape = from.shape
    // One scale: rows of the last axis, so that threads can share them.
    let lines = Lines(shape, axis: how.axis ?? max(shape.rank - 1, 0))
    let isShared = how.axis == nil
    let x = try plain(node.inputs[0])
    let y = define(node.outputs[0], try .plain(to))
    try addQuantization(
      how, node, body, x: x.buffer, y: y.buffer, outer: lines.outer,
      channels: isShared ? 1 : lines.extent,
      inner: isShared ? lines.inner * max(lines.extent, shape.rank == 0 ? 1 : 0) : lines.inner)
  }

  /// The same for images whose channels are neighbours, as they lie: rows of a width.
  private mutating func channelsLast(
    _ how: Quantization, _ node: Node, _ body: @escaping dn_body, from: Layout, to: Layout
  ) throws {
    let shape = from.type.shape
    // One channel's rows are the same bytes either way.
    let x = try shape[1] == 1 ? plain(node.inputs[0]) : placed(node.inputs[0], as: from)
    let y = define(node.outputs[0], to)
    let inner = shape[1] * shape[-1]
    try addQuantization(
      how, node, body, x: x.buffer, y: y.buffer, outer: shape.count / max(inner, 1), channels: 1,
      inner: inner)
  }

  private mutating func addQuantization(
    _ how: Quantization, _ node: Node, _ body: @escaping dn_body, x: BufferID, y: BufferID,
    outer: Int, channels: Int, inner: Int
  ) throws {
    let scale = plan.buffer(.constant(HostTensor(how.scale)))
    let zero = plan.buffer(
      .constant(HostTensor(how.zeroPoint.map { Int32(truncatingIfNeeded: $0) })))
    add(
      node.op.name, body, work: outer * channels * inner * 4, reads: [x, scale, zero], writes: [y],
      for: node
    ) { address in
      KernelContext(
        sk_quantize(
          source: UnsafeRawPointer(address(x)), target: address(y),
          scale: UnsafePointer(address(scale).assumingMemoryBound(to: Double.self)),
          zero: UnsafePointer(address(zero).assumingMemoryBound(to: Int32.self)),
          outer: Int64(outer), channels: Int64(channels), inner: Int64(inner),
          low: Int32(truncatingIfNeeded: how.range.lowerBound),
          high: Int32(truncatingIfNeeded: how.range.upperBound),
          is_signed: how.dtype == .int8 ? 1 : 0))
    }
  }
}
