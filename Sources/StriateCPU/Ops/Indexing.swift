import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerGather(_ op: Gather, _ node: Node) throws {
    let lines = Lines(graph.type(node.inputs[0]).shape, axis: op.axis)
    try choose(node, lines, op.missing, sk_run_gather)
  }

  mutating func lowerGatherAlong(_ op: GatherAlong, _ node: Node) throws {
    let lines = Lines(graph.type(node.inputs[0]).shape, axis: op.axis)
    try choose(node, lines, op.missing, sk_run_gather_along, axis: op.axis)
  }

  mutating func lowerScatterAdd(_ op: ScatterAdd, _ node: Node) throws {
    try scatter(node, axis: op.axis, sk_run_scatter_add)
  }

  mutating func lowerScatterAddAlong(_ op: ScatterAddAlong, _ node: Node) throws {
    try scatter(node, axis: op.axis, sk_run_scatter_add_along, isAlong: true)
  }

  /// Copies elements by index; any element type.
  private mutating func choose(
    _ node: Node, _ lines: Lines, _ missing: Gather.Missing, _ body: @escaping dn_body,
    axis: Int? = nil
  ) throws {
    let dtype = graph.type(node.inputs[0]).dtype
    let indices = graph.type(node.inputs[1]).shape
    let number = missing == .nan && dtype.isFloatingPoint ? Double.nan : 0
    try index(
      node, body, lines, count: axis.map { indices[$0] } ?? indices.count, size: dtype.size,
      type: SK_F32, missing: Self.bits(of: number, dtype))
  }

  /// Adds elements up by index, in the order of the indices.
  private mutating func scatter(
    _ node: Node, axis: Int, _ body: @escaping dn_body, isAlong: Bool = false
  ) throws {
    let type = graph.type(node.outputs[0])
    let indices = graph.type(node.inputs[1]).shape
    guard type.dtype == .float32 || type.dtype == .int32 else {
      return try interpret(node, because: reason(against: node))
    }
    try index(
      node, body, Lines(type.shape, axis: axis), count: isAlong ? indices[axis] : indices.count,
      size: 4, type: type.dtype == .float32 ? SK_F32 : SK_I32, missing: 0)
  }

  private mutating func index(
    _ node: Node, _ body: @escaping dn_body, _ lines: Lines, count: Int, size: Int, type: Int,
    missing: UInt64
  ) throws {
    let x = try plain(node.inputs[0])
    let indices = try plain(node.inputs[1])
    let y = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let work = max(x.layout.type.shape.count, y.layout.type.shape.count)
    add(
      node.op.name, body, work: work, reads: [x.buffer, indices.buffer], writes: [y.buffer],
      for: node
    ) { address in
      KernelContext(
        sk_index(
          source: UnsafeRawPointer(address(x.buffer)),
          indices: UnsafePointer(address(indices.buffer).assumingMemoryBound(to: Int32.self)),
          target: address(y.buffer), outer: Int64(lines.outer), extent: Int64(lines.extent),
          inner: Int64(lines.inner), count: Int64(count), size: Int32(size), type: Int32(type),
          missing: missing))
    }
  }
}
