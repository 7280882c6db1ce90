import StriateCore

/// Transposed convolution of `[N, I, …]` with a filter `[I, O/groups, …]`: what PyTorch calls `conv_transpose`
/// and the deconvolution networks (Zeiler et al., 2010) deconvolution.
///
/// It is the gradient of a convolution in its input, so every input element adds a scaled copy of the filter
/// to the output, `stride` apart. Output extent
/// `(in − 1)·stride − padLow − padHigh + dilation·(kernel − 1) + outputPadding + 1`; the output padding adds
/// to the high end and must be less than the stride or the dilation.
public func convolutionTransposed(
  _ x: Tensor, _ filter: some Operand, stride: [Int]? = nil, padLow: [Int]? = nil,
  padHigh: [Int]? = nil, outputPadding: [Int]? = nil, dilation: [Int]? = nil, groups: Int = 1
) -> Tensor {
  let w = filter.tensor(in: x.builder, dtype: x.dtype)
  if x.isPoisoned || w.isPoisoned { return Tensor(builder: x.builder, id: .poison) }
  let window = Window(
    kernel: Array(w.shape.dims.dropFirst(2)), stride: stride, padLow: padLow, padHigh: padHigh,
    dilation: dilation)
  do throws(ShapeError) {
    let plan = try TransposedPlan(
      window, outputPadding: outputPadding ?? window.kernel.map { _ in 0 }, x: x.shape, w: w.shape)
    let rule = ConvolutionBackwardInput(
      Convolution(plan.window, groups: groups), spatial: plan.spatial)
    let y = x.builder.one(.convolutionBackwardInput(rule), x, w)
    guard plan.rest.contains(where: { $0 > 0 }) else { return y }
    return y.padded(low: plan.rest.map { _ in 0 }, high: plan.rest)
  } catch {
    return x.builder.refuse("convolution_transposed", error.message, operands: [x, w])
  }
}

/// The convolution whose gradient in its input a transposed convolution is.
private struct TransposedPlan {
  /// The window; output padding that the stride cannot hold has been taken off the padding above.
  var window: Window
  /// The spatial extents of the gradient.
  var spatial: [Int] = []
  /// What remains of the output padding for each axis of the result: zeros, which no filter reaches.
  var rest = [0, 0]

  init(_ window: Window, outputPadding: [Int], x: Shape, w: Shape) throws(ShapeError) {
    self.window = window
    try expect(
      x.rank >= 3 && w.rank == x.rank,
      "takes an input [N, I, …] and a filter [I, O/groups, …] of one rank, found \(x) and \(w)")
    try expect(
      x[1] == w[0], "the filter \(w) takes \(w[0]) channels, the input \(x) has \(x[1])")
    let axes = x.rank - 2
    try expect(
      window.isUniform(rank: axes) && outputPadding.count == axes,
      "takes a stride ≥ 1, a padding, an output padding and a dilation for each of \(axes) axes")
    for axis in 0..<axes {
      let (stride, extra) = (window.stride[axis], outputPadding[axis])
      try expect(
        1..<(1 << 32) ~= x[axis + 2], "takes inputs with elements along every axis, found \(x)")
      try expect(
        extra >= 0 && extra < max(stride, window.dilation[axis]),
        "an output padding of \(extra) is not less than the stride \(stride) or the dilation "
          + "\(window.dilation[axis])")
      var kept = extra
      if extra >= stride {
        let taken = min(extra, window.padHigh[axis])
        self.window.padHigh[axis] -= taken
        kept = min(extra - taken, stride - 1)
        rest.append(extra - taken - kept)
      } else {
        rest.append(0)
      }
      let extent =
        (x[axis + 2] - 1) * stride - window.padLow[axis] - self.window.padHigh[axis]
        + window.reach(axis) + kept
      try expect(
        extent > 0,
        "padding \(window.padLow[axis]) + \(window.padHigh[axis]) leaves nothing of axis \(axis + 2)"
      )
      spatial.append(extent)
    }
  }
}
