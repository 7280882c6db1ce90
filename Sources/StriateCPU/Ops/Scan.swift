import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerCumulativeSum(_ op: CumulativeSum, _ node: Node) throws {
    let type = graph.type(node.inputs[0])
    guard let code = Self.elementCode(type.dtype) else {
      return try interpret(node, because: reason(against: node))
    }
    let lines = Lines(type.shape, axis: op.axis)
    let x = try plain(node.inputs[0])
    let y = define(node.outputs[0], try .plain(type))
    add(
      op.name, sk_run_scan, work: type.shape.count, reads: [x.buffer], writes: [y.buffer], for: node
    ) { address in
      KernelContext(
        sk_scan(
          source: UnsafeRawPointer(address(x.buffer)), target: address(y.buffer),
          outer: Int64(lines.outer), extent: Int64(lines.extent), inner: Int64(lines.inner),
          reversed: op.isReversed ? 1 : 0, type: Int32(code)))
    }
  }
}

/// A shape as `[outer, extent, inner]` around an axis.
struct Lines {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ shape: Shape, axis: Int) {
    outer = Shape(Array(shape.dims.prefix(axis))).count
    extent = shape[axis]
    inner = Shape(Array(shape.dims.dropFirst(axis + 1))).count
  }
}
