import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerRandom(_ op: Random, _ node: Node) throws {
    let key = try plain(node.inputs[0])
    let target = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let count = op.shape.count
    add(
      op.name, sk_run_random, work: count * 8, reads: [key.buffer], writes: [target.buffer],
      for: node
    ) { address in
      KernelContext(
        sk_random(
          key: address(key.buffer).assumingMemoryBound(to: Int64.self),
          target: address(target.buffer).assumingMemoryBound(to: Float.self), count: Int64(count),
          stream: op.stream, normal: op.kind == .normal ? 1 : 0))
    }
  }
}
