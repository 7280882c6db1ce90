import CDNNL
import StriateCore
import StriateIR

extension BareLowering {
  private func forward(
    _ view: ConvolutionView, bias: Layout?, relu: Bool = false
  ) throws -> PrimitiveDescriptor {
    let window = view.window
    let attributes = try Attributes(activation: relu ? .relu : nil)
    let (x, w, y) = try (view.x, view.w, view.y)
    return try PrimitiveDescriptor("a bare convolution of \(x.type) with \(w.type)") {
      dn_convolution_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_TRAINING), Int32(DN_CONVOLUTION_DIRECT), x.descriptor,
        w.descriptor, bias?.descriptor, y.descriptor, window.stride, window.dilation, window.low,
        window.high, attributes.pointer)
    }
  }

  private func biasLayout(_ types: ConvolutionTypes) throws -> Layout {
    try .plain(TensorType(.float32, [types.w.shape[0]]))
  }

  private func chooseForward(
    _ types: ConvolutionTypes, bias: Layout?, relu: Bool
  ) throws -> ChosenConvolution {
    try types.choose { view in
      try ChosenConvolution(
        forward(view, bias: bias, relu: relu), view, x: Int(DN_QUERY_SRC), w: Int(DN_QUERY_WEIGHTS),
        y: Int(DN_QUERY_DST))
    }
  }

  /// The layout in which a convolution of 1 reads images; rows for all else.
  func preferred(_ type: TensorType) throws -> Layout {
    guard (3...5).contains(type.shape.rank) else { return try .plain(type) }
    let ones = [Int](repeating: 1, count: type.shape.rank - 2)
    let channels = type.shape[1]
    let types = ConvolutionTypes(
      Convolution(Window(kernel: ones)), x: type,
      w: TensorType(.float32, Shape([channels, channels] + ones)),
      y: type)
    return try chooseForward(types, bias: nil, relu: false).x.kept
  }

  mutating func convolution(_ op: Convolution, _ node: Node) throws {
    let types = ConvolutionTypes(
      op, x: graph.type(node.inputs[0]), w: graph.type(node.inputs[1]),
      y: graph.type(node.outputs[0]))
    let chain = chain(after: node.outputs[0])
    let bias = chain.hasBias ? try biasLayout(types) : nil
    let chosen = try chooseForward(types, bias: bias, relu: chain.activates)
    var reads = [
      (Int(DN_ARG_SRC), chosen.x.read(operand(node.inputs[0], chosen.x.kept))),
      (Int(DN_ARG_WEIGHTS), chosen.w.read(operand(node.inputs[1], chosen.w.kept))),
    ]
    if let bias { reads.append((Int(DN_ARG_BIAS), weight(bias))) }
    let y = chosen.y.read(define(chain.values, chosen.y.kept))
    try add(
      "convolution" + (chain.hasBias ? " + bias" : "") + (chain.activates ? " + relu" : ""),
      chosen.descriptor, reads: reads, writes: [(Int(DN_ARG_DST), y)], for: node)
  }

  mutating func inputGradient(_ op: ConvolutionBackwardInput, _ node: Node) throws {
    let types = ConvolutionTypes(
      op.convolution, x: graph.type(node.outputs[0]), w: graph.type(node.inputs[1]),
      y: graph.type(node.inputs[0]))
    let chosen = try types.choose { view in
      let hint = try forward(view, bias: nil)
      let (window, attributes) = (view.window, try Attributes())
      let (x, w, y) = try (view.x, view.w, view.y)
      let descriptor = try PrimitiveDescriptor("a bare input gradient of \(x.type)") {
        dn_convolution_backward_data_primitive_desc_create(
          &$0, engine, Int32(DN_CONVOLUTION_DIRECT), x.descriptor, w.descriptor, y.descriptor,
          window.stride, window.dilation, window.low, window.high, hint.pointer, attributes.pointer)
      }
      return try ChosenConvolution(
        descriptor, view, x: Int(DN_QUERY_DIFF_SRC), w: Int(DN_QUERY_WEIGHTS),
        y: Int(DN_QUERY_DIFF_DST))
    }
    let reads = [
      (Int(DN_ARG_DIFF_DST), chosen.y.read(operand(node.inputs[0], chosen.y.kept))),
      (Int(DN_ARG_WEIGHTS), chosen.w.read(operand(node.inputs[1], chosen.w.kept))),
    ]
    let dx = chosen.x.read(define(node.outputs, chosen.x.kept))
    try add(
      "convolution input gradient", chosen.descriptor, reads: reads,
      writes: [(Int(DN_ARG_DIFF_SRC), dx)], for: node)
  }

  mutating func filterGradient(_ op: ConvolutionBackwardFilter, _ node: Node) throws {
    let types = ConvolutionTypes(
      op.convolution, x: graph.type(node.inputs[0]), w: graph.type(node.outputs[0]),
      y: graph.type(node.inputs[1]))
    let bias = hasBiasGradient(node.inputs[1]) ? try biasLayout(types) : nil
    let chosen = try types.choose { view in
      let hint = try forward(view, bias: bias)
      let (window, attributes) = (view.window, try Attributes())
      let (x, w, y) = try (view.x, view.w, view.y)
      let descriptor = try PrimitiveDescriptor("a bare filter gradient of \(x.type)") {
        dn_convolution_backward_weights_primitive_desc_create(
          &$0, engine, Int32(DN_CONVOLUTION_DIRECT), x.descriptor, w.descriptor, bias?.descriptor,
          y.descriptor, window.stride, window.dilation, window.low, window.high, hint.pointer,
          attributes.pointer)
      }
      return try ChosenConvolution(
        descriptor, view, x: Int(DN_QUERY_SRC), w: Int(DN_QUERY_DIFF_WEIGHTS),
        y: Int(DN_QUERY_DIFF_DST))
    }
    let reads = [
      (Int(DN_ARG_SRC), chosen.x.read(operand(node.inputs[0], chosen.x.kept))),
      (Int(DN_ARG_DIFF_DST), chosen.y.read(operand(node.inputs[1], chosen.y.kept))),
    ]
    var writes = [
      (Int(DN_ARG_DIFF_WEIGHTS), chosen.w.read(define(node.outputs, chosen.w.kept)))
    ]
    if let bias { writes.append((Int(DN_ARG_DIFF_BIAS), scratch(bias))) }
    try add(
      "convolution filter gradient" + (bias == nil ? "" : " + bias gradient"), chosen.descriptor,
      reads: reads, writes: writes, for: node)
  }

  /// The library's own choice of layouts, or rows where it has only generic code for that.
  mutating func matmul(_ op: MatMul, _ node: Node) throws {
    let types = (
      a: graph.type(node.inputs[0]), b: graph.type(node.inputs[1]), y: graph.type(node.outputs[0])
    )
    guard types.y.shape.rank <= Int(DN_MAX_RANK) else { return }
    let chain = chain(after: node.outputs[0])
    let dims = Layout.extents(types.y.shape)
    let biasDims = [Int64](repeating: 1, count: dims.count - 1) + dims.suffix(1)
    let bias =
      chain.hasBias
      ? try Layout.plain(TensorType(.float32, [types.y.shape[-1]]), as: biasDims) : nil
    func make(_ a: Layout, _ b: Layout, _ y: Layout) throws -> PrimitiveDescriptor {
      let attributes = try Attributes(activation: chain.activates ? .relu : nil)
      return try PrimitiveDescriptor("a bare matrix product of \(types.a) and \(types.b)") {
        dn_matmul_primitive_desc_create(
          &$0, engine, a.descriptor, b.descriptor, bias?.descriptor, y.descriptor,
          attributes.pointer)
      }
    }
    let a = try matrices(types.a, op.transposesLeft)
    let b = try matrices(types.b, op.transposesRight)
    var descriptor = try make(
      .any(types.a, as: a.dims), .any(types.b, as: b.dims), .any(types.y))
    if descriptor.isNaive { descriptor = try make(a, b, .plain(types.y)) }
    var reads = [
      (
        Int(DN_ARG_SRC),
        operand(
          node.inputs[0], try descriptor.layout(Int(DN_QUERY_SRC), types.a, as: a.dims))
      ),
      (
        Int(DN_ARG_WEIGHTS),
        operand(
          node.inputs[1], try descriptor.layout(Int(DN_QUERY_WEIGHTS), types.b, as: b.dims))
      ),
    ]
    if let bias { reads.append((Int(DN_ARG_BIAS), weight(bias))) }
    let y = define(chain.values, try descriptor.layout(Int(DN_QUERY_DST), types.y))
    try add(
      "matmul" + (chain.hasBias ? " + bias" : "") + (chain.activates ? " + relu" : ""), descriptor,
      reads: reads, writes: [(Int(DN_ARG_DST), y)], for: node)
  }

  /// Rows of matrices, their last two axes swapped if asked for.
  private func matrices(_ type: TensorType, _ swaps: Bool) throws -> Layout {
    guard swaps, type.shape.rank >= 2 else { return try .plain(type) }
    var dims = Layout.extents(type.shape)
    var strides = type.shape.strides.map(Int64.init)
    dims.swapAt(dims.count - 1, dims.count - 2)
    strides.swapAt(strides.count - 1, strides.count - 2)
    return try .strided(type, dims, strides)
  }
}
