import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Layout {
  /// Channels as neighbours in memory, as integer kernels want images.
  static func channelsLast(_ type: TensorType) throws(CPUError) -> Layout {
    let dims = extents(type.shape)
    var strides = [Int64](repeating: 1, count: dims.count)
    var step = dims.count > 1 ? dims[1] : 1
    for axis in stride(from: dims.count - 1, to: 1, by: -1) {
      strides[axis] = step
      step *= dims[axis]
    }
    strides[0] = step
    return try strided(type, dims, strides)
  }

  /// The same places for elements of another type of as many bytes each; only unblocked layouts have them.
  func holding(_ type: TensorType) throws(CPUError) -> Layout {
    if isPlain { return try .plain(type, as: dims) }
    var blocks: Int32 = 0
    var strides: UnsafePointer<Int64>?
    guard let descriptor,
      dn_memory_desc_query(descriptor, Int32(DN_QUERY_INNER_NBLKS), &blocks) == 0, blocks == 0,
      dn_memory_desc_query(descriptor, Int32(DN_QUERY_STRIDES), &strides) == 0, let strides
    else { throw CPUError(.callFailed, "oneDNN lays \(self.type) out in blocks") }
    return try .strided(
      type, dims, Array(UnsafeBufferPointer(start: strides, count: dims.count)))
  }
}

extension Lowering {
  /// Max pooling of 8-bit numbers, channels last.
  mutating func lowerByteMaxPool(_ op: MaxPool, _ node: Node) throws {
    let (from, to) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    guard to.shape.count > 0 else { return try lowerEmpty(node.outputs[0]) }
    guard from.shape.rank <= 5 else {
      return try interpret(node, because: reason(against: node, axes: 5))
    }
    let (x, y) = (try Layout.channelsLast(from), try Layout.channelsLast(to))
    let window = WindowArguments(op.window)
    let attributes = try Attributes()
    let descriptor = try PrimitiveDescriptor("a pooling of \(from)") {
      dn_pooling_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_INFERENCE), Int32(DN_POOLING_MAX), x.descriptor,
        y.descriptor, window.stride, window.kernel, window.dilation, window.low, window.high,
        attributes.pointer)
    }
    guard !descriptor.isNaive else {
      return try interpret(node, because: "oneDNN has only its generic code for this shape")
    }
    let source = Placed(buffer: try placed(node.inputs[0], as: x).buffer, layout: x)
    try add(
      "int8 max_pool", descriptor, reads: [(Int(DN_ARG_SRC), source)],
      writes: [(Int(DN_ARG_DST), define(node.outputs[0], y))], for: node)
  }

  /// The layouts in which numbers are written in 8 bits, or read, element by element, if it is for or from an
  /// integer kernel: both channels last.
  func channelsLast(
    _ node: Node, _ how: Quantization
  ) throws -> (from: Layout, to: Layout)? {
    let (from, to) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    guard how.axis == nil, 3...5 ~= from.shape.rank, from.shape.count > 0 else { return nil }
    let layouts = (try Layout.channelsLast(from), try Layout.channelsLast(to))
    if case .dequantize = node.op {
      let known = knownLayout(node.inputs[0])
      return known.map { !$0.isPlain && $0.matches(layouts.0) } == true ? layouts : nil
    }
    let isForKernel = grouping.consumers[node.outputs[0].index].contains { position in
      guard case .quantizedConvolution = graph.nodes[position].op else { return false }
      return graph.nodes[position].inputs.contains(node.outputs[0])
    }
    return isForKernel ? layouts : nil
  }
}
