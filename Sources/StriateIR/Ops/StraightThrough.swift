import StriateCore

/// The first operand's values, the second one's gradient: `(value, x) → value`, `dx = dy`.
///
/// The straight-through estimator of Bengio, Léonard and Courville, "Estimating or propagating gradients
/// through stochastic neurons", 2013. After differentiation it is nothing, and the standard passes drop it.
public struct StraightThrough: OpRule {
  /// Values with another tensor's gradient.
  public init() {}

  public var name: String { "straight_through" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expect(
      inputs[0] == inputs[1], "takes two operands of one type, found \(inputs[0]) and \(inputs[1])")
    return [inputs[0]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [nil, context.cotangents[0]] }
}

// MARK: Surface

/// The values of the first tensor; their gradient flows into the second one as it is.
public func straightThrough(_ value: Tensor, gradientTo x: Tensor) -> Tensor {
  value.builder.one(.straightThrough(StraightThrough()), value, x)
}

/// The same values, through which no gradient flows.
public func stopGradient(_ x: Tensor) -> Tensor {
  if x.isPoisoned { return x }
  return straightThrough(x, gradientTo: x.builder.fill(0, x.type))
}
