import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerStandardize(_ op: Standardize, _ node: Node) throws {
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    let x = try plain(node.inputs[0])
    let results = try node.outputs.map { define($0, try .plain(graph.type($0))) }
    let rows = graph.type(node.outputs[1]).shape.count
    let count = graph.type(node.inputs[0]).shape.count
    add(
      node.op.name, sk_run_standardize, work: 3 * count, reads: [x.buffer],
      writes: results.map(\.buffer), for: node
    ) { address in
      KernelContext(
        sk_standardize(
          x: address(x.buffer).assumingMemoryBound(to: Float.self),
          y: address(results[0].buffer).assumingMemoryBound(to: Float.self),
          mean: address(results[1].buffer).assumingMemoryBound(to: Float.self),
          rstd: address(results[2].buffer).assumingMemoryBound(to: Float.self), rows: Int64(rows),
          extent: Int64(count / max(rows, 1)), epsilon: Float(op.epsilon)))
    }
  }

  mutating func lowerStandardizeBackward(_ node: Node) throws {
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    let operands = try node.inputs.map { try plain($0).buffer }
    let dx = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let rows = graph.type(node.inputs[1]).shape.count
    let count = graph.type(node.outputs[0]).shape.count
    add(
      node.op.name, sk_run_standardize_backward, work: 2 * count, reads: operands,
      writes: [dx.buffer], for: node
    ) { address in
      KernelContext(
        sk_standardize_backward(
          y: address(operands[0]).assumingMemoryBound(to: Float.self),
          rstd: address(operands[1]).assumingMemoryBound(to: Float.self),
          dy: address(operands[2]).assumingMemoryBound(to: Float.self),
          dx: address(dx.buffer).assumingMemoryBound(to: Float.self), rows: Int64(rows),
          extent: Int64(count / max(rows, 1))))
    }
  }
}
