import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Lowering {
  /// A matrix product on rows of contiguous elements, `+ bias`, ReLU.
  mutating func lowerMatMul(
    _ op: MatMul, _ node: Node, result: ValueID, _ tail: AffineTail
  ) throws {
    let bias = tail.bias
    let (left, right) = (graph.type(node.inputs[0]), graph.type(node.inputs[1]))
    let type = graph.type(node.outputs[0])
    guard type.shape.count > 0, left.shape.count > 0, type.shape.rank <= Int(DN_MAX_RANK) else {
      return try lowerEmptyMatMul(node, result: result, tail)
    }
    let a = try transposed(left, op.transposesLeft)
    let b = try transposed(right, op.transposesRight)
    let y = try Layout.plain(type)
    let biasLayout = try bias.map { _ in
      try Layout.plain(
        TensorType(.float32, [type.shape[-1]]),
        as: [Int64](repeating: 1, count: type.shape.rank - 1) + [Int64(type.shape[-1])])
    }
    let attributes = try Attributes(activation: tail.activation)
    let descriptor = try PrimitiveDescriptor("a matrix product of \(left) and \(right)") {
      dn_matmul_primitive_desc_create(
        &$0, engine, a.descriptor, b.descriptor, biasLayout?.descriptor, y.descriptor,
        attributes.pointer)
    }
    var reads = [
      (Int(DN_ARG_SRC), Placed(buffer: try plain(node.inputs[0]).buffer, layout: a)),
      (Int(DN_ARG_WEIGHTS), Placed(buffer: try plain(node.inputs[1]).buffer, layout: b)),
    ]
    if let bias, let biasLayout {
      reads.append((Int(DN_ARG_BIAS), Placed(buffer: try plain(bias).buffer, layout: biasLayout)))
    }
    let target = define(result, y)
    let name = "matmul" + tail.suffix
    try add(name, descriptor, reads: reads, writes: [(Int(DN_ARG_DST), target)], for: node)
  }

  /// A view of matrices with their last two axes swapped if asked for.
  private func transposed(_ type: TensorType, _ swaps: Bool) throws -> Layout {
    guard swaps else { return try .plain(type) }
    var dims = Layout.extents(type.shape)
    var strides = type.shape.strides.map(Int64.init)
    dims.swapAt(dims.count - 1, dims.count - 2)
    strides.swapAt(strides.count - 1, strides.count - 2)
    return try .strided(type, dims, strides)
  }

  /// A product over no elements: zeros, plus what follows.
  private mutating func lowerEmptyMatMul(
    _ node: Node, result: ValueID, _ tail: AffineTail
  ) throws {
    if tail.bias == nil && tail.activation == nil {
      return try interpret(node, because: reason(against: node))
    }
    _ = define(result, try .plain(graph.type(result)))
    guard
      let group = grouping.producers[result.index].map({ grouping.groups[grouping.groupOf[$0]] })
    else { return }
    for position in group.nodes {
      let node = graph.nodes[position]
      try interpret(node, because: reason(against: node, axes: Int(DN_MAX_RANK)))
    }
  }
}
