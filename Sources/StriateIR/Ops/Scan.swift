import StriateCore

/// The sum of all elements up to and with each one along an axis, or from each one on.
///
/// `y[k] = Σ x[j], j ≤ k`, or `j ≥ k` in reverse. Whole numbers wrap.
public struct CumulativeSum: OpRule {
  /// The axis, counted from the front.
  public var axis: Int
  /// Whether the sums start at the end.
  public var isReversed: Bool

  /// Sums along an axis.
  public init(axis: Int, isReversed: Bool = false) {
    self.axis = axis
    self.isReversed = isReversed
  }

  public var name: String { "cumulative_sum" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let type = inputs[0]
    try expect(type.dtype != .bool, "takes numbers, found \(type)")
    try expect(axis >= 0 && axis < type.shape.rank, "there is no axis \(axis) in \(type.shape)")
    return inputs
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    return [dy.cumulativeSum(axis: axis, reversed: !isReversed)]
  }
}

// MARK: Surface

extension Tensor {
  /// The sum of all elements up to and with each one along an axis; from each one on if reversed.
  public func cumulativeSum(axis: Int, reversed: Bool = false) -> Tensor {
    if isPoisoned { return self }
    let op = CumulativeSum(axis: shape.normalized(axis: axis) ?? axis, isReversed: reversed)
    return builder.one(.cumulativeSum(op), self)
  }
}

extension GraphBuilder {
  /// The whole numbers from 0 up to but without `count`, as `[count]`.
  public func iota(_ count: Int, dtype: DType = .int32) -> Tensor {
    fill(1, TensorType(dtype, [count])).cumulativeSum(axis: 0) - 1
  }
}
