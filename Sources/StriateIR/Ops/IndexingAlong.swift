import StriateCore

/// An element for each index, along one axis: `(x, indices i32) → y` of the indices' shape.
///
/// `y[a, i, b] = x[a, indices[a, i, b], b]`. Outside the axis both have the same extents. An index that is
/// negative or too great chooses nothing, as in `Gather`.
public struct GatherAlong: OpRule {
  /// The axis that the indices count along, from the front.
  public var axis: Int
  /// What stands where an index chooses nothing.
  public var missing: Gather.Missing

  /// A choice of elements along an axis.
  public init(axis: Int, missing: Gather.Missing = .nan) {
    self.axis = axis
    self.missing = missing
  }

  public var name: String { "gather_along" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expectAlong(axis, inputs[0], inputs[1])
    return [TensorType(inputs[0].dtype, inputs[1].shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let extent = context.inputs[0].shape[axis]
    return [dy.scatterAddAlong(context.inputs[1], axis: axis, extent: extent), nil]
  }
}

/// Elements added up at the places that indices name along one axis, the adjoint of `GatherAlong`.
///
/// `y[a, j, b] = Σ updates[a, i, b]` over all `i` with `indices[a, i, b] = j`, in the order of `i`. An
/// element whose index is negative or too great is dropped.
public struct ScatterAddAlong: OpRule {
  /// The axis that the indices count along, from the front.
  public var axis: Int
  /// The result's extent along it.
  public var extent: Int

  /// A sum of elements by index along an axis.
  public init(axis: Int, extent: Int) {
    self.axis = axis
    self.extent = extent
  }

  public var name: String { "scatter_add_along" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expect(inputs[0].dtype != .bool, "takes numbers, found \(inputs[0])")
    try expectAlong(axis, inputs[0], inputs[1])
    try expect(
      inputs[0].shape == inputs[1].shape,
      "takes an index for each element of \(inputs[0].shape), found \(inputs[1])")
    try expect(extent >= 0, "takes an extent of at least 0, found \(extent)")
    var shape = inputs[0].shape
    shape.dims[axis] = extent
    return [TensorType(inputs[0].dtype, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let op = GatherAlong(axis: axis, missing: .zero)
    return [dy.builder.one(.gatherAlong(op), dy, context.inputs[1]), nil]
  }
}

/// Throws unless indices fit a tensor along an axis.
private func expectAlong(
  _ axis: Int, _ x: TensorType, _ indices: TensorType
) throws(ShapeError) {
  try expect(indices.dtype == .int32, "takes indices i32, found \(indices)")
  try expect(axis >= 0 && axis < x.shape.rank, "there is no axis \(axis) in \(x.shape)")
  try expect(
    indices.shape.rank == x.shape.rank
      && x.shape.dims.indices.allSatisfy { $0 == axis || x.shape[$0] == indices.shape[$0] },
    "takes indices of the extents \(x.shape) outside axis \(axis), found \(indices.shape)")
}

// MARK: Surface

extension Tensor {
  /// The element that each index `i32` names along an axis; the indices have this rank.
  ///
  /// An index out of range gives NaN (0 and false where there is no NaN).
  public func gatherAlong(_ indices: Tensor, axis: Int) -> Tensor {
    if isPoisoned { return self }
    let op = GatherAlong(axis: shape.normalized(axis: axis) ?? axis)
    return builder.one(.gatherAlong(op), self, indices)
  }

  /// The sum of this tensor's elements at the places along an axis that as many indices `i32` name.
  public func scatterAddAlong(_ indices: Tensor, axis: Int, extent: Int) -> Tensor {
    if isPoisoned { return self }
    let op = ScatterAddAlong(axis: shape.normalized(axis: axis) ?? axis, extent: extent)
    return builder.one(.scatterAddAlong(op), self, indices)
  }
}
