import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerTopK(_ op: TopK, _ node: Node) throws {
    let type = graph.type(node.inputs[0])
    guard type.dtype == .float32 else { return try interpret(node, because: reason(against: node)) }
    let lines = Lines(type.shape, axis: op.axis)
    let x = try plain(node.inputs[0])
    let values = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let indices = define(node.outputs[1], try .plain(graph.type(node.outputs[1])))
    add(
      op.name, sk_run_top_k, work: type.shape.count * 8, reads: [x.buffer],
      writes: [values.buffer, indices.buffer], for: node
    ) { address in
      KernelContext(
        sk_top_k(
          source: UnsafePointer(address(x.buffer).assumingMemoryBound(to: Float.self)),
          values: address(values.buffer).assumingMemoryBound(to: Float.self),
          indices: address(indices.buffer).assumingMemoryBound(to: Int32.self),
          outer: Int64(lines.outer), extent: Int64(lines.extent), inner: Int64(lines.inner),
          k: Int64(op.k), least: op.isLeast ? 1 : 0))
    }
  }
}
