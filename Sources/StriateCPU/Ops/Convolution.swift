import CDNNL
import StriateCore
import StriateIR
import StriateRuntime

/// A window's attributes as the library wants them: dilation 0-based, 64-bit.
struct WindowArguments {
  let kernel, stride, dilation, low, high: [Int64]

  init(_ window: Window) {
    kernel = window.kernel.map(Int64.init)
    stride = window.stride.map(Int64.init)
    dilation = window.dilation.map { Int64($0 - 1) }
    low = window.padLow.map(Int64.init)
    high = window.padHigh.map(Int64.init)
  }
}

/// The layouts of a convolution's operands, filters of groups with their extra axis.
private struct ConvolutionTypes {
  let x, w, y: TensorType
  let filter: [Int64]

  init(x: TensorType, w: TensorType, y: TensorType, groups: Int) {
    (self.x, self.w, self.y) = (x, w, y)
    let dims = Layout.extents(w.shape)
    filter =
      groups == 1 ? dims : [Int64(groups), dims[0] / Int64(groups)] + Array(dims.dropFirst())
  }

  var anyX: Layout { get throws { try .any(x) } }
  var anyW: Layout { get throws { try .any(w, as: filter) } }
  var anyY: Layout { get throws { try .any(y) } }
}

extension Lowering {
  /// A convolution or matrix product with what follows it in one kernel.
  mutating func lowerAffine(_ nodes: [Node], bias: ValueID?, relu: Bool) throws {
    guard let node = nodes.first, let last = nodes.last else { return }
    guard nodes.allSatisfy(isSinglePrecision) else {
      for node in nodes { try interpret(node, because: reason(against: node)) }
      return
    }
    switch node.op {
    case .convolution(let op):
      try lowerConvolution(op, node, result: last.outputs[0], bias: bias, relu: relu)
    case .matmul(let op):
      try lowerMatMul(op, node, result: last.outputs[0], bias: bias, relu: relu)
    default: break
    }
  }

  private mutating func lowerConvolution(
    _ op: Convolution, _ node: Node, result: ValueID, bias: ValueID?, relu: Bool
  ) throws {
    let types = ConvolutionTypes(
      x: graph.type(node.inputs[0]), w: graph.type(node.inputs[1]), y: graph.type(node.outputs[0]),
      groups: op.groups)
    guard types.y.shape.count > 0 else { return try interpretEmpty(node, result: result) }
    let biasLayout = try bias.map { _ in
      try Layout.plain(TensorType(.float32, [types.w.shape[0]]))
    }
    let descriptor = try forward(op, types, bias: biasLayout, relu: relu)
    let src = Int(DN_QUERY_SRC), weights = Int(DN_QUERY_WEIGHTS), dst = Int(DN_QUERY_DST)
    var reads = [
      (Int(DN_ARG_SRC), try placed(node.inputs[0], as: descriptor.layout(src, types.x))),
      (
        Int(DN_ARG_WEIGHTS),
        try placed(node.inputs[1], as: descriptor.layout(weights, types.w, as: types.filter))
      ),
    ]
    if let bias, let biasLayout {
      reads.append((Int(DN_ARG_BIAS), Placed(buffer: try plain(bias).buffer, layout: biasLayout)))
    }
    let y = define(result, try descriptor.layout(dst, types.y))
    let name = "convolution" + (bias == nil ? "" : " + bias") + (relu ? " + relu" : "")
    try add(name, descriptor, reads: reads, writes: [(Int(DN_ARG_DST), y)], for: node)
  }

  private func forward(
    _ op: Convolution, _ types: ConvolutionTypes, bias: Layout? = nil, relu: Bool = false
  ) throws -> PrimitiveDescriptor {
    let window = WindowArguments(op.window)
    let attributes = try Attributes(activation: relu ? Int(DN_ELTWISE_RELU) : nil)
    let (x, w, y) = try (types.anyX, types.anyW, types.anyY)
    return try PrimitiveDescriptor("a convolution of \(types.x) with \(types.w)") {
      dn_convolution_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_TRAINING), Int32(DN_CONVOLUTION_DIRECT), x.descriptor,
        w.descriptor, bias?.descriptor, y.descriptor, window.stride, window.dilation, window.low,
        window.high, attributes.pointer)
    }
  }

  /// `dy, w → dx`.
  mutating func lowerInputGradient(_ op: ConvolutionBackwardInput, _ node: Node) throws {
    let types = ConvolutionTypes(
      x: graph.type(node.outputs[0]), w: graph.type(node.inputs[1]), y: graph.type(node.inputs[0]),
      groups: op.convolution.groups)
    guard isSinglePrecision(node), types.x.shape.count > 0, types.y.shape.count > 0 else {
      return try interpret(node, because: reason(against: node))
    }
    let window = WindowArguments(op.convolution.window)
    let hint = try forward(op.convolution, types)
    let attributes = try Attributes()
    let (x, w, y) = try (types.anyX, types.anyW, types.anyY)
    let descriptor = try PrimitiveDescriptor("the input gradient of a convolution of \(types.x)") {
      dn_convolution_backward_data_primitive_desc_create(
        &$0, engine, Int32(DN_CONVOLUTION_DIRECT), x.descriptor, w.descriptor, y.descriptor,
        window.stride, window.dilation, window.low, window.high, hint.pointer, attributes.pointer)
    }
    let dy = try placed(
      node.inputs[0], as: descriptor.layout(Int(DN_QUERY_DIFF_DST), types.y))
    let weights = try placed(
      node.inputs[1], as: descriptor.layout(Int(DN_QUERY_WEIGHTS), types.w, as: types.filter))
    let dx = define(
      node.outputs[0], try descriptor.layout(Int(DN_QUERY_DIFF_SRC), types.x))
    try add(
      "convolution input gradient", descriptor,
      reads: [(Int(DN_ARG_DIFF_DST), dy), (Int(DN_ARG_WEIGHTS), weights)],
      writes: [(Int(DN_ARG_DIFF_SRC), dx)], for: node)
  }

  /// `x, dy → dw`, and the bias's gradient if one is asked for.
  mutating func lowerFilterGradient(_ node: Node, bias: ValueID?) throws {
    guard case .convolutionBackwardFilter(let op) = node.op else { return }
    let types = ConvolutionTypes(
      x: graph.type(node.inputs[0]), w: graph.type(node.outputs[0]), y: graph.type(node.inputs[1]),
      groups: op.convolution.groups)
    guard isSinglePrecision(node), types.x.shape.count > 0, types.y.shape.count > 0 else {
      try interpret(node, because: reason(against: node))
      if let bias, let sum = grouping.node(bias), case .reduce(let op) = sum.op {
        try lowerReduce(op, sum)
      }
      return
    }
    let window = WindowArguments(op.convolution.window)
    let biasLayout = try bias.map { _ in
      try Layout.plain(TensorType(.float32, [types.w.shape[0]]))
    }
    let hint = try forward(op.convolution, types, bias: biasLayout)
    let attributes = try Attributes()
    let (x, w, y) = try (types.anyX, types.anyW, types.anyY)
    let descriptor = try PrimitiveDescriptor("the filter gradient of a convolution of \(types.x)") {
      dn_convolution_backward_weights_primitive_desc_create(
        &$0, engine, Int32(DN_CONVOLUTION_DIRECT), x.descriptor, w.descriptor,
        biasLayout?.descriptor, y.descriptor, window.stride, window.dilation, window.low,
        window.high,
        hint.pointer, attributes.pointer)
    }
    let src = try placed(node.inputs[0], as: descriptor.layout(Int(DN_QUERY_SRC), types.x))
    let dy = try placed(node.inputs[1], as: descriptor.layout(Int(DN_QUERY_DIFF_DST), types.y))
    let dw = define(
      node.outputs[0],
      try descriptor.layout(Int(DN_QUERY_DIFF_WEIGHTS), types.w, as: types.filter))
    var writes = [(Int(DN_ARG_DIFF_WEIGHTS), dw)]
    if let bias, let biasLayout {
      let db = define(bias, try .plain(graph.type(bias)))
      writes.append((Int(DN_ARG_DIFF_BIAS), Placed(buffer: db.buffer, layout: biasLayout)))
    }
    try add(
      "convolution filter gradient" + (bias == nil ? "" : " + bias gradient"), descriptor,
      reads: [(Int(DN_ARG_SRC), src), (Int(DN_ARG_DIFF_DST), dy)], writes: writes, for: node)
  }

  /// A result without elements: nothing to compute.
  private mutating func interpretEmpty(_ node: Node, result: ValueID) throws {
    _ = define(result, try .plain(graph.type(result)))
  }
}
