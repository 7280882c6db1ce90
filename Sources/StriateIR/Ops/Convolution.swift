import StriateCore

/// Convolution, in the field's sense of cross-correlation, over any number of spatial axes.
///
/// `y[n, o, p] = Σ_c Σ_k x[n, c, p·stride + k·dilation − padLow] · w[o, c, k]`, `c` running over the group of
/// `o`. Input `[N, C, …]`, filter `[O, C/groups, …]`, output `[N, O, …]`. It is bilinear, and with its two
/// gradients closed under differentiation: the gradient of each of the three is the other two.
public struct Convolution: OpRule {
  /// How the filter slides; `kernel` equals the filter's spatial extents.
  public var window: Window
  /// Into how many independent groups the channels fall.
  public var groups: Int

  /// A convolution.
  public init(_ window: Window, groups: Int = 1) {
    self.window = window
    self.groups = groups
  }

  public var name: String { "convolution" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let (x, w) = (inputs[0].shape, inputs[1].shape)
    try expect(
      inputs[0].dtype.isFloatingPoint && inputs[0].dtype == inputs[1].dtype,
      "takes floating point of one type, found \(inputs[0]) and \(inputs[1])")
    let spatial = try outputs(x, w)
    return [TensorType(inputs[0].dtype, Shape([x[0], w[0]] + spatial))]
  }

  /// Checks input against filter and gives the output's spatial extents.
  func outputs(_ x: Shape, _ w: Shape) throws(ShapeError) -> [Int] {
    try expect(
      x.rank >= 3 && w.rank == x.rank,
      "takes an input [N, C, …] and a filter [O, C/groups, …] of one rank, found \(x) and \(w)")
    try expect(groups >= 1, "groups must be at least 1, found \(groups)")
    try expect(
      x[1] % groups == 0 && w[0] % groups == 0,
      "\(x[1]) input and \(w[0]) output channels do not fall into \(groups) groups")
    try expect(
      x[1] / groups == w[1],
      "the filter \(w) takes \(w[1]) channels a group, the input \(x) has \(x[1] / groups)")
    try expect(
      Array(w.dims.dropFirst(2)) == window.kernel,
      "the filter \(w) has not the kernel extents \(window.kernel)")
    return try window.outputs(Array(x.dims.dropFirst(2)))
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let (x, w) = (context.inputs[0], context.inputs[1])
    return [inputGradient(dy, w, like: x.shape), filterGradient(x, dy)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    bilinearCurvature(bend, context)
  }

  func inputGradient(_ dy: Tensor, _ w: Tensor, like shape: Shape) -> Tensor {
    let rule = ConvolutionBackwardInput(self, spatial: Array(shape.dims.dropFirst(2)))
    return dy.builder.one(.convolutionBackwardInput(rule), dy, w)
  }

  func filterGradient(_ x: Tensor, _ dy: Tensor) -> Tensor {
    x.builder.one(.convolutionBackwardFilter(ConvolutionBackwardFilter(self)), x, dy)
  }

  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    let w = inputs[1].shape
    let perOutput = w.dims.dropFirst().reduce(1) { $0.multipliedSaturated($1) }
    return Cost(
      macs: outputs[0].shape.count.multipliedSaturated(perOutput), inputs: inputs, outputs: outputs)
  }
}

/// The gradient of a convolution in its input: `(dy, w) → dx`.
///
/// Also what is called transposed convolution.
public struct ConvolutionBackwardInput: OpRule {
  /// The convolution.
  public var convolution: Convolution
  /// The spatial extents of the convolution's input, which its output does not determine.
  public var spatial: [Int]

  /// The gradient of a convolution whose input has these spatial extents.
  public init(_ convolution: Convolution, spatial: [Int]) {
    self.convolution = convolution
    self.spatial = spatial
  }

  public var name: String { "convolution_backward_input" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let (dy, w) = (inputs[0].shape, inputs[1].shape)
    try expect(
      inputs[0].dtype.isFloatingPoint && inputs[0].dtype == inputs[1].dtype,
      "takes floating point of one type, found \(inputs[0]) and \(inputs[1])")
    try expect(convolution.groups >= 1, "groups must be at least 1, found \(convolution.groups)")
    try expect(
      w.rank >= 3 && 0..<(1 << 40) ~= w[1] && convolution.groups < 1 << 20,
      "takes a filter [O, C/groups, …], found \(w)")
    let x = Shape([dy[0], w[1] * convolution.groups] + spatial)
    let expected = try Shape([dy[0], w[0]] + convolution.outputs(x, w))
    try expect(
      dy == expected, "the output's gradient is \(dy), a convolution of \(x) makes \(expected)")
    return [TensorType(inputs[0].dtype, x)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil, nil] }
    let (dy, w) = (context.inputs[0], context.inputs[1])
    return [
      t.builder.one(.convolution(convolution), t, w), convolution.filterGradient(t, dy),
    ]
  }

  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    convolution.cost([outputs[0], inputs[1]], [inputs[0]])
  }
}

/// The gradient of a convolution in its filter: `(x, dy) → dw`.
public struct ConvolutionBackwardFilter: OpRule {
  /// The convolution.
  public var convolution: Convolution

  /// The gradient of a convolution.
  public init(_ convolution: Convolution) { self.convolution = convolution }

  public var name: String { "convolution_backward_filter" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let (x, dy) = (inputs[0].shape, inputs[1].shape)
    try expect(
      inputs[0].dtype.isFloatingPoint && inputs[0].dtype == inputs[1].dtype,
      "takes floating point of one type, found \(inputs[0]) and \(inputs[1])")
    let groups = convolution.groups
    try expect(groups >= 1, "groups must be at least 1, found \(groups)")
    try expect(x[1] % groups == 0, "\(x[1]) channels do not fall into \(groups) groups")
    let w = Shape([dy[1], x[1] / groups] + convolution.window.kernel)
    let expected = try Shape([x[0], w[0]] + convolution.outputs(x, w))
    try expect(
      dy == expected, "the output's gradient is \(dy), a convolution of \(x) makes \(expected)")
    return [TensorType(inputs[0].dtype, w)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil, nil] }
    let (x, dy) = (context.inputs[0], context.inputs[1])
    return [
      convolution.inputGradient(dy, t, like: x.shape),
      t.builder.one(.convolution(convolution), x, t),
    ]
  }

  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    convolution.cost([inputs[0], outputs[0]], [inputs[1]])
  }
}

/// Convolution of `[N, C, …]` with a filter `[O, C/groups, …]`; see `Convolution` for the formula.
public func convolution(
  _ x: Tensor, _ filter: some Operand, stride: [Int]? = nil, padLow: [Int]? = nil,
  padHigh: [Int]? = nil, dilation: [Int]? = nil, groups: Int = 1
) -> Tensor {
  let w = filter.tensor(in: x.builder, dtype: x.dtype)
  if x.isPoisoned || w.isPoisoned { return Tensor(builder: x.builder, id: .poison) }
  let window = Window(
    kernel: Array(w.shape.dims.dropFirst(2)), stride: stride, padLow: padLow, padHigh: padHigh,
    dilation: dilation)
  return x.builder.one(.convolution(Convolution(window, groups: groups)), x, w)
}
