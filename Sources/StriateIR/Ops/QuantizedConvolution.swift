import StriateCore

/// A convolution of 8-bit numbers with 8-bit filters, summed exactly as integers, with what follows it.
///
/// `(x, w) → y`, perhaps with a bias `b` `[O]` in `f32` and a residual `r` of the result's extents. With
/// scales `s` and zero points `z`, one scale for each filter `o`:
///
///     v = sₓ · s_w[o] · Σ (x − zₓ) · w + b[o] + s_r · (r − z_r),   then ReLU if asked for,
///     y = v as f32,   or   y = clamp(round(v / s_y) + z_y, range), halves to even.
///
/// Padding stands for 0, which is `zₓ`. Filters are symmetric (their zero points are 0): Jacob et al.,
/// "Quantization and training of neural networks for efficient integer-arithmetic-only inference", CVPR
/// 2018, section 2; scales a filter: Krishnamoorthi, "Quantizing deep convolutional networks for efficient
/// inference", 2018. A window without axes makes it a fully connected layer, `[N, C]` and `[O, C]` → `[N, O]`.
///
/// The sums are exact; what comes after is real arithmetic, so that an engine in single precision may round
/// to the neighbouring integer where `v / s_y` lies within its error of a half: by one step at most.
public struct QuantizedConvolution: OpRule {
  /// How the filter slides, and the groups.
  public var convolution: Convolution
  /// How `x` is written: one scale.
  public var input: Quantization
  /// How the filters are written: int8, a scale for each, symmetric.
  public var filter: Quantization
  /// How the result is written: one scale; nil for real numbers.
  public var output: Quantization?
  /// Whether there is a bias.
  public var hasBias: Bool
  /// How the residual is written, which is added before ReLU: one scale; nil where there is none.
  public var residual: Quantization?
  /// Whether ReLU follows.
  public var relu: Bool

  /// A convolution of 8-bit numbers.
  public init(
    _ convolution: Convolution, input: Quantization, filter: Quantization,
    output: Quantization? = nil, hasBias: Bool = false, residual: Quantization? = nil,
    relu: Bool = false
  ) {
    self.convolution = convolution
    self.input = input
    self.filter = filter
    self.output = output
    self.hasBias = hasBias
    self.residual = residual
    self.relu = relu
  }

  public var name: String { "quantized_convolution" }

  /// Products a sum up to which int32 cannot overflow: `2³¹ / (255 · 128)`.
  public static let termLimit = 65_793

  /// Whether this is a fully connected layer.
  public var isLinear: Bool { convolution.window.kernel.isEmpty }

  /// The position of the residual among the operands.
  public var residualPosition: Int { hasBias ? 3 : 2 }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2 + (hasBias ? 1 : 0) + (residual == nil ? 0 : 1), inputs)
    let (x, w) = (inputs[0], inputs[1])
    try expectWritten(x, input, "an input")
    try expect(w.dtype == .int8, "takes a filter of int8, found \(w)")
    try expect(
      filter.dtype == .int8, "takes a filter of int8, found its scales for \(filter.dtype)")
    try expect(filter.axis == 0, "takes a scale for each filter, along axis 0")
    try expect(
      filter.zeroPoint.allSatisfy { $0 == 0 }, "takes symmetric filters, whose zero points are 0")
    let spatial = try outputs(x.shape, w.shape)
    try filter.expectFits(w.shape)
    let terms = w.shape.dims.dropFirst().reduce(1) { $0.multipliedSaturated($1) }
    try expect(
      terms <= Self.termLimit,
      "a sum of \(terms) products may overflow int32; at most \(Self.termLimit) are taken")
    let shape = Shape([x.shape[0], w.shape[0]] + spatial)
    if hasBias {
      let bias = TensorType(.float32, [w.shape[0]])
      try expect(inputs[2] == bias, "takes a bias of type \(bias), found \(inputs[2])")
    }
    if let residual {
      let found = inputs[residualPosition]
      try expect(output != nil, "a residual is added only where the result is written in 8 bits")
      try expectWritten(found, residual, "a residual")
      try expect(found.shape == shape, "takes a residual \(shape), found \(found.shape)")
    }
    guard let output else { return [TensorType(.float32, shape)] }
    try expect(output.axis == nil, "takes one scale for the result")
    try output.expectFits(shape)
    return [TensorType(output.dtype, shape)]
  }

  private func expectWritten(
    _ type: TensorType, _ how: Quantization, _ what: String
  ) throws(ShapeError) {
    try expect(how.axis == nil, "takes one scale for \(what)")
    try how.expectFits(type.shape)
    try expect(type.dtype == how.dtype, "takes \(what) of \(how.dtype), found \(type)")
  }

  private func outputs(_ x: Shape, _ w: Shape) throws(ShapeError) -> [Int] {
    guard isLinear else { return try convolution.outputs(x, w) }
    try expect(
      x.rank == 2 && w.rank == 2 && x[1] == w[1] && convolution.groups == 1
        && convolution.window.stride.isEmpty && convolution.window.padLow.isEmpty
        && convolution.window.padHigh.isEmpty && convolution.window.dilation.isEmpty,
      "without a window takes [N, C] and [O, C] in one group, found \(x) and \(w)")
    return []
  }

  public func vjp(_ context: VJP) -> [Tensor?] { context.inputs.map { _ in nil } }

  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    let terms = inputs[1].shape.dims.dropFirst().reduce(1) { $0.multipliedSaturated($1) }
    return Cost(
      macs: outputs[0].shape.count.multipliedSaturated(terms), inputs: inputs, outputs: outputs)
  }
}

/// Convolution of 8-bit numbers; see `QuantizedConvolution` for the formula.
///
/// - Parameters:
///   - x: `[N, C, …]` as `rule.input` says.
///   - filter: `[O, C/groups, …]` in int8.
///   - bias: `[O]` in f32, where the rule has one.
///   - residual: of the result's extents, where the rule has one.
public func quantizedConvolution(
  _ x: Tensor, _ filter: Tensor, bias: Tensor? = nil, residual: Tensor? = nil,
  _ rule: QuantizedConvolution
) -> Tensor {
  let operands = [x, filter] + [bias, residual].compactMap { $0 }
  return x.builder.apply(.quantizedConvolution(rule), operands)[0]
}
