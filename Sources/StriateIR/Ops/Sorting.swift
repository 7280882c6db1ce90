import StriateCore

/// The `k` greatest or least elements along an axis in order, and their positions: `x → (values, indices i32)`.
///
/// Of equals the first comes first. NaN counts as greater than every number.
public struct TopK: OpRule {
  /// How many elements are kept.
  public var k: Int
  /// The axis, counted from the front.
  public var axis: Int
  /// Whether the least elements are kept, ascending, rather than the greatest, descending.
  public var isLeast: Bool

  /// A choice of elements in order.
  public init(_ k: Int, axis: Int, isLeast: Bool = false) {
    self.k = k
    self.axis = axis
    self.isLeast = isLeast
  }

  public var name: String { "top_k" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let type = inputs[0]
    try expect(type.dtype != .bool, "takes numbers, found \(type)")
    try expect(axis >= 0 && axis < type.shape.rank, "there is no axis \(axis) in \(type.shape)")
    try expect(
      k >= 0 && k <= type.shape[axis],
      "takes at most the \(type.shape[axis]) elements of axis \(axis), asked for \(k)")
    try expect(type.shape[axis] <= Int(Int32.max), "axis \(axis) of \(type.shape) is too long")
    var shape = type.shape
    shape.dims[axis] = k
    return [TensorType(type.dtype, shape), TensorType(.int32, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let extent = context.inputs[0].shape[axis]
    return [dy.scatterAddAlong(context.outputs[1], axis: axis, extent: extent)]
  }
}

// MARK: Surface

extension Tensor {
  /// The `k` greatest elements along an axis, descending, and their positions as `i32`.
  ///
  /// `least` asks for the least ones instead, ascending. Of equals the first comes first.
  public func topK(
    _ k: Int, axis: Int = -1, least: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    let op = TopK(k, axis: shape.normalized(axis: axis) ?? axis, isLeast: least)
    let results = builder.apply(.topK(op), [self], results: 2)
    return (results[0], results[1])
  }

  /// The elements along an axis in order, ascending by default, and where they stood as `i32`.
  public func sorted(
    axis: Int = -1, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    topK(shape[axis], axis: axis, least: !descending)
  }
}
