import StriateCore

/// Batch normalisation with the statistics of the batch (Ioffe and Szegedy, 2015).
///
/// `(x, scale, shift) → (y, mean, variance)`; per channel over batch and space:
/// `y = (x − mean) / √(variance + epsilon) · scale + shift`, the variance biased (divided by n).
public struct BatchNorm: OpRule {
  /// What is added to the variance.
  public var epsilon: Double

  /// A normalisation.
  public init(epsilon: Double) { self.epsilon = epsilon }

  public var name: String { "batch_norm" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 3, inputs)
    let channels = try channelType(inputs[0])
    try expect(epsilon > 0 && epsilon.isFinite, "epsilon must be positive, found \(epsilon)")
    try expect(
      inputs[1] == channels && inputs[2] == channels,
      "takes scale and shift of type \(channels), found \(inputs[1]) and \(inputs[2])")
    return [inputs[0], channels, channels]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    let (x, scale) = (context.inputs[0], context.inputs[1])
    let (mean, variance) = (context.outputs[1], context.outputs[2])
    var dx: Tensor?
    var dScale: Tensor?
    var dShift: Tensor?
    if let dy = context.cotangents[0] {
      let gradients = dy.builder.apply(
        .batchNormBackward(BatchNormBackward(epsilon: epsilon)), [x, scale, mean, variance, dy],
        results: 3)
      (dx, dScale, dShift) = (gradients[0], gradients[1], gradients[2])
    }
    // What flows in through the statistics themselves.
    let count = Double(max(x.shape.count / max(x.shape[1], 1), 1))
    if let dMean = context.cotangents[1] {
      let part = (dMean * (1 / count)).alongChannels(like: x)
      dx = dx.map { $0 + part } ?? part
    }
    if let dVariance = context.cotangents[2] {
      let part =
        (x - mean.alongChannels(like: x)) * (dVariance * (2 / count)).alongChannels(like: x)
      dx = dx.map { $0 + part } ?? part
    }
    return [dx, dScale, dShift]
  }
}

/// The gradient of `BatchNorm`: `(x, scale, mean, variance, dy) → (dx, dScale, dShift)`.
///
/// With `x̂ = (x − mean)/σ`: `dShift = Σdy`, `dScale = Σ dy·x̂`, `dx = scale/σ · (dy − dShift/n − x̂·dScale/n)`.
public struct BatchNormBackward: OpRule {
  /// What is added to the variance.
  public var epsilon: Double

  /// The gradient of a normalisation.
  public init(epsilon: Double) { self.epsilon = epsilon }

  public var name: String { "batch_norm_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 5, inputs)
    let channels = try channelType(inputs[0])
    for type in inputs[1...3] {
      try expect(
        type == channels, "takes scale, mean and variance of type \(channels), found \(type)")
    }
    try expect(inputs[4] == inputs[0], "takes a gradient of type \(inputs[0]), found \(inputs[4])")
    return [inputs[0], channels, channels]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { context.undefined(name) }
}

private func channelType(_ x: TensorType) throws(ShapeError) -> TensorType {
  try expect(
    x.dtype.isFloatingPoint && x.shape.rank >= 2, "takes floating point [N, C, …], found \(x)")
  try expect(x.shape.count > 0, "an empty batch \(x) has no statistics")
  return TensorType(x.dtype, [x.shape[1]])
}

extension Tensor {
  /// A value per channel `[C]`, spread over the type of `[N, C, …]`.
  public func alongChannels(like x: Tensor) -> Tensor {
    if isPoisoned || x.isPoisoned { return Tensor(builder: builder, id: .poison) }
    let ones = [Int](repeating: 1, count: Swift.max(x.shape.rank - 2, 0))
    return reshaped(Shape([1, shape[0]] + ones)).broadcast(to: x.shape)
  }
}

/// Batch normalisation with the batch's own statistics, which it returns too (the variance biased).
public func batchNorm(
  _ x: Tensor, scale: some Operand, shift: some Operand, epsilon: Double
) -> (y: Tensor, mean: Tensor, variance: Tensor) {
  let scale = scale.tensor(in: x.builder, dtype: x.dtype)
  let shift = shift.tensor(in: x.builder, dtype: x.dtype)
  let results = x.builder.apply(
    .batchNorm(BatchNorm(epsilon: epsilon)), [x, scale, shift], results: 3)
  return (results[0], results[1], results[2])
}
