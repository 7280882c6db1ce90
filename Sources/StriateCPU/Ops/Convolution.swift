import CDNNL
import CKernels
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

extension Lowering {
  /// A convolution or matrix product with what follows it in one kernel.
  mutating func lowerAffine(_ nodes: [Node], _ tail: AffineTail) throws {
    guard let node = nodes.first, let last = nodes.last else { return }
    let readsNothing = graph.type(node.inputs[0]).shape.count == 0
    let writesNothing = graph.type(node.outputs[0]).shape.count == 0
    guard nodes.allSatisfy(isSinglePrecision), !readsNothing || writesNothing else {
      for node in nodes { try interpret(node, because: reason(against: node)) }
      return
    }
    switch node.op {
    case .convolution(let op):
      try lowerConvolution(op, nodes, result: last.outputs[0], tail)
    case .matmul(let op):
      try lowerMatMul(op, node, result: last.outputs[0], tail)
    default: break
    }
  }

  private mutating func lowerConvolution(
    _ op: Convolution, _ nodes: [Node], result: ValueID, _ tail: AffineTail
  ) throws {
    let node = nodes[0]
    let types = ConvolutionTypes(
      op, x: graph.type(node.inputs[0]), w: graph.type(node.inputs[1]),
      y: graph.type(node.outputs[0]))
    guard types.y.shape.count > 0 else { return try lowerEmpty(result) }
    let biasLayout = try tail.bias.map { _ in
      try Layout.plain(TensorType(.float32, [types.w.shape[0]]))
    }
    var chosen = try types.choose { view in
      try chosenForward(view, bias: biasLayout, activation: tail.activation)
    }
    if let (kernel, layouts) = try winograd(types, .forward, chosen, filter: node.inputs[1]) {
      let operands = WinogradOperands(
        x: try placed(node.inputs[0], as: layouts.x.kept).buffer,
        w: try placed(node.inputs[1], as: layouts.w.kept).buffer,
        y: define(result, layouts.y.kept).buffer, bias: try tail.bias.map { try plain($0).buffer },
        residual: try tail.residual.map { try placed($0, as: layouts.y.kept).buffer },
        activation: tail.activation)
      return addWinograd("convolution" + tail.suffix, kernel, operands, for: node)
    }
    let thin = thin(types, .forward, chosen, filter: node.inputs[1])
    if tail.residual != nil {
      // The same kernel and layouts, with the sum before the activation.
      let summing = try? chosenForward(
        chosen.view, bias: biasLayout, adding: chosen.y.library, activation: tail.activation)
      guard thin == nil, let summing, !summing.descriptor.isNaive,
        summing.y.kept.matches(chosen.y.kept)
      else { return try lowerApart(nodes, tail) }
      chosen = summing
    }
    let name = "convolution" + tail.suffix
    if let thin {
      guard tail.activation == nil || tail.activation == .relu else {
        return try lowerApart(nodes, tail)
      }
      let operands = ThinOperands(
        x: try plain(node.inputs[0]).buffer, w: try plain(node.inputs[1]).buffer,
        y: define(result, try .plain(types.y)).buffer,
        bias: try tail.bias.map { try plain($0).buffer },
        relu: tail.activation == .relu)
      return addThin(name, thin, operands, for: node)
    }
    var reads = [
      (Int(DN_ARG_SRC), try chosen.x.read(placed(node.inputs[0], as: chosen.x.kept))),
      (Int(DN_ARG_WEIGHTS), try chosen.w.read(placed(node.inputs[1], as: chosen.w.kept))),
    ]
    if let bias = tail.bias, let biasLayout {
      reads.append((Int(DN_ARG_BIAS), Placed(buffer: try plain(bias).buffer, layout: biasLayout)))
    }
    if let residual = tail.residual {
      reads.append(
        (
          Int(DN_ARG_POST_OP | DN_ARG_SRC_1),
          try chosen.y.read(placed(residual, as: chosen.y.kept))
        ))
    }
    let y = chosen.y.read(define(result, chosen.y.kept))
    try add(name, chosen.descriptor, reads: reads, writes: [(Int(DN_ARG_DST), y)], for: node)
  }

  /// A convolution by itself, and its tail as a chain of arithmetic: where no kernel does both.
  private mutating func lowerApart(_ nodes: [Node], _ tail: AffineTail) throws {
    let hasBias = tail.bias != nil
    let first = Array(nodes.prefix(hasBias ? 2 : 1))
    guard case .convolution(let op) = nodes[0].op, let result = first.last?.outputs[0] else {
      return
    }
    try lowerConvolution(op, first, result: result, AffineTail(bias: tail.bias))
    try lowerPointwise(Array(nodes.dropFirst(first.count)))
  }

  private func thin(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection, _ chosen: ChosenConvolution,
    filter: ValueID?
  ) -> ThinConvolution? {
    ThinConvolution(
      types, direction, insteadOf: chosen.descriptor, threads: thread.threads,
      way: way(types, direction, filter: filter))
  }

  /// The way in which the forward convolution wants its operands: a gradient's lie so already.
  private func forwardView(_ types: ConvolutionTypes) -> ConvolutionView? {
    guard Switch.keepLayout.isOn else { return nil }
    let forward = try? types.choose { try chosenForward($0, bias: nil, activation: nil) }
    return forward.map {
      ConvolutionView(
        types: types, order: .given(x: $0.x.library, y: $0.y.library),
        addsHeight: $0.view.addsHeight)
    }
  }

  func chosenForward(
    _ view: ConvolutionView, bias: Layout?, adding residual: Layout? = nil,
    activation: AffineTail.Activation?
  ) throws -> ChosenConvolution {
    try ChosenConvolution(
      forward(view, bias: bias, adding: residual, activation: activation), view,
      x: Int(DN_QUERY_SRC), w: Int(DN_QUERY_WEIGHTS), y: Int(DN_QUERY_DST))
  }

  private func forward(
    _ view: ConvolutionView, bias: Layout? = nil, adding residual: Layout? = nil,
    activation: AffineTail.Activation? = nil
  ) throws -> PrimitiveDescriptor {
    let window = view.window
    let attributes = try Attributes(adding: residual, activation: activation)
    let (x, w, y) = try (view.x, view.w, view.y)
    return try PrimitiveDescriptor("a convolution of \(x.type) with \(w.type)") {
      dn_convolution_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_TRAINING), Int32(DN_CONVOLUTION_DIRECT), x.descriptor,
        w.descriptor, bias?.descriptor, y.descriptor, window.stride, window.dilation, window.low,
        window.high, attributes.pointer)
    }
  }

  /// `dy, w → dx`.
  mutating func lowerInputGradient(_ op: ConvolutionBackwardInput, _ node: Node) throws {
    let types = ConvolutionTypes(
      op.convolution, x: graph.type(node.outputs[0]), w: graph.type(node.inputs[1]),
      y: graph.type(node.inputs[0]))
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    guard types.x.shape.count > 0 else { return try lowerEmpty(node.outputs[0]) }
    guard types.y.shape.count > 0 else { return try lowerFill(Fill(0, types.x), node) }
    let chosen = try types.choose(preferring: forwardView(types)) { view in
      let hint = try forward(view)
      let (window, attributes) = (view.window, try Attributes())
      let (x, w, y) = try (view.x, view.w, view.y)
      let descriptor = try PrimitiveDescriptor("the input gradient of a convolution of \(x.type)") {
        dn_convolution_backward_data_primitive_desc_create(
          &$0, engine, Int32(DN_CONVOLUTION_DIRECT), x.descriptor, w.descriptor, y.descriptor,
          window.stride, window.dilation, window.low, window.high, hint.pointer, attributes.pointer)
      }
      return try ChosenConvolution(
        descriptor, view, x: Int(DN_QUERY_DIFF_SRC), w: Int(DN_QUERY_WEIGHTS),
        y: Int(DN_QUERY_DIFF_DST))
    }
    if let (kernel, layouts) = try winograd(types, .inputGradient, chosen, filter: node.inputs[1]) {
      let operands = WinogradOperands(
        x: define(node.outputs[0], layouts.x.kept).buffer,
        w: try placed(node.inputs[1], as: layouts.w.kept).buffer,
        y: try placed(node.inputs[0], as: layouts.y.kept).buffer)
      return addWinograd("convolution input gradient", kernel, operands, for: node)
    }
    if let thin = thin(types, .inputGradient, chosen, filter: node.inputs[1]) {
      let operands = ThinOperands(
        x: define(node.outputs[0], try .plain(types.x)).buffer,
        w: try plain(node.inputs[1]).buffer, y: try plain(node.inputs[0]).buffer)
      return addThin("convolution input gradient", thin, operands, for: node)
    }
    let dy = try chosen.y.read(placed(node.inputs[0], as: chosen.y.kept))
    let weights = try chosen.w.read(placed(node.inputs[1], as: chosen.w.kept))
    let dx = chosen.x.read(define(node.outputs[0], chosen.x.kept))
    try add(
      "convolution input gradient", chosen.descriptor,
      reads: [(Int(DN_ARG_DIFF_DST), dy), (Int(DN_ARG_WEIGHTS), weights)],
      writes: [(Int(DN_ARG_DIFF_SRC), dx)], for: node)
  }

  /// `x, dy → dw`, and the bias's gradient if one is asked for.
  mutating func lowerFilterGradient(_ node: Node, bias: ValueID?) throws {
    guard case .convolutionBackwardFilter(let op) = node.op else { return }
    remake(node.inputs[0], for: node)
    let types = ConvolutionTypes(
      op.convolution, x: graph.type(node.inputs[0]), w: graph.type(node.outputs[0]),
      y: graph.type(node.inputs[1]))
    guard isSinglePrecision(node), types.x.shape.count > 0, types.y.shape.count > 0 else {
      if isSinglePrecision(node) {
        try lowerFill(Fill(0, types.w), node)
      } else {
        try interpret(node, because: reason(against: node))
      }
      if let bias, let sum = grouping.node(bias), case .reduce(let op) = sum.op {
        try lowerReduce(op, sum)
      }
      return
    }
    let biasLayout = try bias.map { _ in
      try Layout.plain(TensorType(.float32, [types.w.shape[0]]))
    }
    let chosen = try types.choose(preferring: forwardView(types)) { view in
      let hint = try forward(view, bias: biasLayout)
      let (window, attributes) = (view.window, try Attributes())
      let (x, w, y) = try (view.x, view.w, view.y)
      let descriptor = try PrimitiveDescriptor("the filter gradient of a convolution of \(x.type)")
      {
        dn_convolution_backward_weights_primitive_desc_create(
          &$0, engine, Int32(DN_CONVOLUTION_DIRECT), x.descriptor, w.descriptor,
          biasLayout?.descriptor, y.descriptor, window.stride, window.dilation, window.low,
          window.high, hint.pointer, attributes.pointer)
      }
      return try ChosenConvolution(
        descriptor, view, x: Int(DN_QUERY_SRC), w: Int(DN_QUERY_DIFF_WEIGHTS),
        y: Int(DN_QUERY_DIFF_DST))
    }
    let name = "convolution filter gradient" + (bias == nil ? "" : " + bias gradient")
    if let (kernel, layouts) = try winograd(types, .filterGradient, chosen, filter: nil) {
      let operands = WinogradOperands(
        x: try placed(node.inputs[0], as: layouts.x.kept).buffer,
        w: define(node.outputs[0], layouts.w.kept).buffer,
        y: try placed(node.inputs[1], as: layouts.y.kept).buffer,
        biasGradient: try bias.map { define($0, try .plain(graph.type($0))).buffer })
      return addWinograd(name, kernel, operands, for: node)
    }
    if let thin = thin(types, .filterGradient, chosen, filter: nil) {
      let operands = ThinOperands(
        x: try plain(node.inputs[0]).buffer, w: define(node.outputs[0], try .plain(types.w)).buffer,
        y: try plain(node.inputs[1]).buffer,
        bias: try bias.map { define($0, try .plain(graph.type($0))).buffer })
      return addThin(name, thin, operands, for: node)
    }
    let src = try chosen.x.read(placed(node.inputs[0], as: chosen.x.kept))
    let dy = try chosen.y.read(placed(node.inputs[1], as: chosen.y.kept))
    let dw = chosen.w.read(define(node.outputs[0], chosen.w.kept))
    var writes = [(Int(DN_ARG_DIFF_WEIGHTS), dw)]
    if let bias, let biasLayout {
      let db = define(bias, try .plain(graph.type(bias)))
      writes.append((Int(DN_ARG_DIFF_BIAS), Placed(buffer: db.buffer, layout: biasLayout)))
    }
    try add(
      name, chosen.descriptor, reads: [(Int(DN_ARG_SRC), src), (Int(DN_ARG_DIFF_DST), dy)],
      writes: writes, for: node)
  }

  /// A result without elements: nothing to compute.
  mutating func lowerEmpty(_ results: ValueID...) throws {
    for id in results { _ = define(id, try .plain(graph.type(id))) }
  }
}
