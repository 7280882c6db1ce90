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
    let shape = from.shape
    // One scale: rows of the last axis, so that threads can share them.
    let lines = Lines(shape, axis: how.axis ?? max(shape.rank - 1, 0))
    let isShared = how.axis == nil
    let x = try plain(node.inputs[0])
    let y = define(node.outputs[0], try .plain(to))
    let scale = plan.buffer(.constant(HostTensor(how.scale)))
    let zero = plan.buffer(
      .constant(HostTensor(how.zeroPoint.map { Int32(truncatingIfNeeded: $0) })))
    add(
      node.op.name, body, work: shape.count * 4, reads: [x.buffer, scale, zero], writes: [y.buffer],
      for: node
    ) { address in
      KernelContext(
        sk_quantize(
          source: UnsafeRawPointer(address(x.buffer)), target: address(y.buffer),
          scale: UnsafePointer(address(scale).assumingMemoryBound(to: Double.self)),
          zero: UnsafePointer(address(zero).assumingMemoryBound(to: Int32.self)),
          outer: Int64(lines.outer), channels: isShared ? 1 : Int64(lines.extent),
          inner: Int64(
            isShared ? lines.inner * max(lines.extent, shape.rank == 0 ? 1 : 0) : lines.inner),
          low: Int32(truncatingIfNeeded: how.range.lowerBound),
          high: Int32(truncatingIfNeeded: how.range.upperBound),
          is_signed: how.dtype == .int8 ? 1 : 0))
    }
  }
}
