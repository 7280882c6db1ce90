import StriateCore

/// The matrix product `op(a) · op(b)` over the last two axes, batched over equal leading axes.
///
/// `y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j]`, where `op` swaps the last two axes if its flag is set.
public struct MatMul: OpRule {
  /// Whether the left operand is stored as `[…, k, i]`.
  public var transposesLeft: Bool
  /// Whether the right operand is stored as `[…, j, k]`, as a linear layer's weight is.
  public var transposesRight: Bool

  /// A matrix product.
  public init(transposesLeft: Bool = false, transposesRight: Bool = false) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
  }

  public var name: String { "matmul" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    try expect(
      inputs[0].dtype == inputs[1].dtype && inputs[0].dtype.isFloatingPoint,
      "takes floating point of one type, found \(inputs[0]) and \(inputs[1])")
    try expect(
      a.rank >= 2 && a.rank == b.rank && a.dims.dropLast(2) == b.dims.dropLast(2),
      "takes matrices with equal leading axes, found \(a) and \(b)")
    let (i, k) = transposesLeft ? (a[-1], a[-2]) : (a[-2], a[-1])
    let (l, j) = transposesRight ? (b[-1], b[-2]) : (b[-2], b[-1])
    try expect(k == l, "inner extents differ: \(k) of \(a) and \(l) of \(b)")
    return [TensorType(inputs[0].dtype, Shape(a.dims.dropLast(2) + [i, j]))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let (a, b) = (context.inputs[0], context.inputs[1])
    let da =
      transposesLeft
      ? StriateIR.matmul(b, dy, transposingLeft: transposesRight, transposingRight: true)
      : StriateIR.matmul(dy, b, transposingRight: !transposesRight)
    let db =
      transposesRight
      ? StriateIR.matmul(dy, a, transposingLeft: true, transposingRight: transposesLeft)
      : StriateIR.matmul(a, dy, transposingLeft: !transposesLeft)
    return [da, db]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    bilinearCurvature(bend, context)
  }

  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    let inner = transposesLeft ? inputs[0].shape[-2] : inputs[0].shape[-1]
    return Cost(
      macs: outputs[0].shape.count.multipliedSaturated(inner), inputs: inputs, outputs: outputs)
  }
}

/// The matrix product over the last two axes, batched over equal leading axes.
public func matmul(
  _ a: Tensor, _ b: some Operand, transposingLeft: Bool = false, transposingRight: Bool = false
) -> Tensor {
  let op = MatMul(transposesLeft: transposingLeft, transposesRight: transposingRight)
  return a.builder.one(.matmul(op), a, b.tensor(in: a.builder, dtype: a.dtype))
}
