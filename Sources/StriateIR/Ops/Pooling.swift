import StriateCore

/// The greatest element under a window; padding never wins.
///
/// `[N, C, …]` → `[N, C, …]`, the window sliding over the spatial axes. Of 8-bit numbers too, whatever they
/// stand for: the greatest integer is the greatest number.
public struct MaxPool: OpRule {
  /// How the window slides.
  public var window: Window

  /// A maximum under a window.
  public init(_ window: Window) { self.window = window }

  public var name: String { "max_pool" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    return [try pooled(inputs[0], window, takesBytes: true)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let op = Op.maxPoolBackward(MaxPoolBackward(window))
    return [dy.builder.one(op, context.inputs[0], context.outputs[0], dy)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// The gradient of `MaxPool`: `(x, y, dy) → dx`.
///
/// The first greatest element of a window takes all of it.
public struct MaxPoolBackward: OpRule {
  /// How the window slides.
  public var window: Window

  /// The gradient of a maximum under a window.
  public init(_ window: Window) { self.window = window }

  public var name: String { "max_pool_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 3, inputs)
    let y = try pooled(inputs[0], window)
    try expect(
      inputs[1] == y && inputs[2] == y,
      "pooling \(inputs[0]) gives \(y), found \(inputs[1]) and its gradient \(inputs[2])")
    return [inputs[0]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { context.undefined(name) }
}

/// The mean under a window.
public struct AveragePool: OpRule {
  /// How the window slides.
  public var window: Window
  /// Whether padding counts as zeros; otherwise the mean is over the elements that exist.
  public var countsPadding: Bool

  /// A mean under a window.
  public init(_ window: Window, countsPadding: Bool) {
    self.window = window
    self.countsPadding = countsPadding
  }

  public var name: String { "average_pool" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    return [try pooled(inputs[0], window)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let rule = AveragePoolBackward(
      window, countsPadding: countsPadding,
      spatial: Array(context.inputs[0].shape.dims.dropFirst(2)))
    return [dy.builder.one(.averagePoolBackward(rule), dy)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    let area = Double(window.kernel.reduce(1, *))
    guard !countsPadding else { return movedCurvature(bend * (1 / area), context) }
    // Each mean is over as many elements as its window has: all but the padding.
    let ones = bend.builder.fill(1, context.inputs[0].type)
    let share = bend.builder.one(
      .averagePool(AveragePool(window, countsPadding: true)), ones)
    return movedCurvature(bend / (share * area), context)
  }
}

/// The gradient of `AveragePool`: `dy → dx`.
public struct AveragePoolBackward: OpRule {
  /// How the window slides.
  public var window: Window
  /// Whether padding counts as zeros.
  public var countsPadding: Bool
  /// The spatial extents of the pooling's input.
  public var spatial: [Int]

  /// The gradient of a mean under a window over an input of these spatial extents.
  public init(_ window: Window, countsPadding: Bool, spatial: [Int]) {
    self.window = window
    self.countsPadding = countsPadding
    self.spatial = spatial
  }

  public var name: String { "average_pool_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let dy = inputs[0]
    let x = TensorType(dy.dtype, Shape([dy.shape[0], dy.shape[1]] + spatial))
    let y = try pooled(x, window)
    try expect(dy == y, "pooling \(x) gives \(y), found the gradient \(dy)")
    return [x]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil] }
    return [t.builder.one(.averagePool(AveragePool(window, countsPadding: countsPadding)), t)]
  }
}

/// The shape rule of all pooling; every window must touch at least one element.
func pooled(
  _ x: TensorType, _ window: Window, takesBytes: Bool = false
) throws(ShapeError) -> TensorType {
  let isBytes = takesBytes && (x.dtype == .int8 || x.dtype == .uint8)
  try expect(
    (x.dtype.isFloatingPoint || isBytes) && x.shape.rank >= 3,
    "takes floating point images [N, C, …], found \(x)")
  let spatial = Array(x.shape.dims.dropFirst(2))
  let outputs = try window.outputs(spatial)
  for axis in spatial.indices {
    try expect(
      window.padLow[axis] < window.reach(axis)
        && (outputs[axis] - 1) * window.stride[axis] < spatial[axis] + window.padLow[axis],
      "padding \(window.padLow[axis]) + \(window.padHigh[axis]) leaves a window of extent "
        + "\(window.reach(axis)) without elements")
    // A window that starts in the padding may step over an input narrower than its gaps.
    if window.dilation[axis] > spatial[axis] {
      for position in 0..<outputs[axis] {
        let start = position * window.stride[axis] - window.padLow[axis]
        if start >= 0 { break }
        let tap = (window.dilation[axis] - 1 - start) / window.dilation[axis]
        try expect(
          tap < window.kernel[axis] && start + tap * window.dilation[axis] < spatial[axis],
          "a dilated window touches padding alone")
      }
    }
  }
  return TensorType(x.dtype, Shape([x.shape[0], x.shape[1]] + outputs))
}

// MARK: Surface

/// The maximum under a window; with `ceil` a partial last window counts.
public func maxPool(
  _ x: Tensor, kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil, dilation: [Int]? = nil,
  ceil: Bool = false
) -> Tensor {
  if x.isPoisoned { return x }
  let window = Window(
    kernel: kernel, stride: stride ?? kernel, padLow: padding, dilation: dilation
  ).covering(x.shape, ceil: ceil)
  return x.builder.one(.maxPool(MaxPool(window)), x)
}

/// The mean under a window; with `ceil` a partial last window counts.
///
/// With `countsPadding`, the divisor is the window's extent clipped to the declared padding, as PyTorch's:
/// where ceil mode adds a partial window, the full window's sum is divided by a constant instead.
public func averagePool(
  _ x: Tensor, kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil, ceil: Bool = false,
  countsPadding: Bool = true
) -> Tensor {
  if x.isPoisoned { return x }
  let declared = Window(kernel: kernel, stride: stride ?? kernel, padLow: padding)
  let spatial = Array(x.shape.dims.dropFirst(2))
  let window = declared.covering(x.shape, ceil: ceil)
  let mean = x.builder.one(.averagePool(AveragePool(window, countsPadding: countsPadding)), x)
  if !countsPadding || mean.isPoisoned { return mean }
  return spatial.indices.reduce(mean) { mean, axis in
    if window.padHigh[axis] == declared.padHigh[axis] { return mean }
    let extents = clippedExtents(declared, axis: axis, input: spatial[axis], mean.shape)
    let divisor = x.builder.constant(extents).converted(to: mean.dtype)
    return mean * Double(kernel[axis]) / divisor
  }
}

extension Window {
  /// The window over images of a shape; in ceil mode with the padding above that a partial last window needs.
  func covering(_ shape: Shape, ceil: Bool) -> Window {
    ceil && isUniform(rank: shape.rank - 2) ? ceiled(Array(shape.dims.dropFirst(2))) : self
  }

  /// Whether all lists have this many axes, so that they may be indexed together.
  func isUniform(rank: Int) -> Bool {
    [kernel, stride, padLow, padHigh, dilation].allSatisfy { $0.count == rank }
      && stride.allSatisfy { $0 > 0 && $0 < Window.limit }
      && (kernel + padLow + padHigh + dilation).allSatisfy { $0 >= 0 && $0 < Window.limit }
  }
}

/// The extents of the windows along an axis, clipped to the declared padding, as `[1, …, n, …, 1]`.
private func clippedExtents(
  _ window: Window, axis: Int, input: Int, _ output: Shape
) -> HostTensor {
  let end = input + window.padLow[axis] + window.padHigh[axis]
  var shape = Shape(output.dims.map { _ in 1 })
  shape.dims[axis + 2] = output[axis + 2]
  return HostTensor(type: TensorType(.float32, shape)) { bytes in
    let extents = bytes.bindMemory(to: Float.self)
    for position in extents.indices {
      let start = position * window.stride[axis]
      extents[position] = Float(max(min(start + window.kernel[axis], end) - start, 1))
    }
  }
}
