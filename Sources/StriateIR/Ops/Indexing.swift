import StriateCore

/// Rows of a tensor chosen by number: `(x, indices i32) → x` with one axis replaced by the indices' axes.
///
/// `y[…, i…, …] = x[…, indices[i…], …]`. Indices count from 0; one that is negative or too great chooses no
/// row, and its elements are NaN (0 and false where there is no NaN), so that training reports it.
public struct Gather: OpRule {
  /// What stands where an index chooses no row.
  public enum Missing: String, Sendable, Hashable, CaseIterable {
    /// NaN; 0 or false in element types without NaN.
    case nan
    /// 0 or false: the gradient of a scattering that dropped the element.
    case zero
  }

  /// The axis whose rows are chosen, counted from the front.
  public var axis: Int
  /// What stands where an index chooses no row.
  public var missing: Missing

  /// A choice of rows.
  public init(axis: Int, missing: Missing = .nan) {
    self.axis = axis
    self.missing = missing
  }

  public var name: String { "gather" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let shape = inputs[0].shape
    try expect(inputs[1].dtype == .int32, "takes indices i32, found \(inputs[1])")
    try expect(axis >= 0 && axis < shape.rank, "there is no axis \(axis) in \(shape)")
    let dims = shape.dims[..<axis] + inputs[1].shape.dims + shape.dims[(axis + 1)...]
    return [TensorType(inputs[0].dtype, Shape(Array(dims)))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let op = ScatterAdd(axis: axis, extent: context.inputs[0].shape[axis])
    return [dy.builder.one(.scatterAdd(op), dy, context.inputs[1]), nil]
  }
}

/// Rows added up at the places that indices name: `(updates, indices i32) → y`, the adjoint of `Gather`.
///
/// `y[…, j, …] = Σ updates[…, i…, …]` over all `i…` with `indices[i…] = j`, in the order of the indices. A
/// row whose index is negative or too great is dropped.
public struct ScatterAdd: OpRule {
  /// The axis of the result that the indices count along.
  public var axis: Int
  /// The result's extent along it.
  public var extent: Int

  /// A sum of rows by index.
  public init(axis: Int, extent: Int) {
    self.axis = axis
    self.extent = extent
  }

  public var name: String { "scatter_add" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let (shape, indices) = (inputs[0].shape, inputs[1].shape)
    try expect(inputs[0].dtype != .bool, "takes numbers, found \(inputs[0])")
    try expect(inputs[1].dtype == .int32, "takes indices i32, found \(inputs[1])")
    try expect(extent >= 0, "takes an extent of at least 0, found \(extent)")
    try expect(
      axis >= 0 && axis <= shape.rank && indices.rank <= shape.rank - axis,
      "\(shape) has no \(indices.rank) axes from axis \(axis) on")
    let end = axis + indices.rank
    try expect(
      Array(shape.dims[axis..<end]) == indices.dims,
      "takes the extents \(indices) of the indices from axis \(axis) on, found \(shape)")
    let dims = shape.dims[..<axis] + [extent] + shape.dims[end...]
    return [TensorType(inputs[0].dtype, Shape(Array(dims)))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let op = Gather(axis: axis, missing: .zero)
    return [dy.builder.one(.gather(op), dy, context.inputs[1]), nil]
  }
}

// MARK: Surface

extension Tensor {
  /// The rows of an axis that the indices `i32` of any shape choose: an embedding's look-up.
  ///
  /// An index that is no row's gives NaN (0 and false where there is no NaN).
  public func gather(_ indices: Tensor, axis: Int = 0) -> Tensor {
    if isPoisoned { return self }
    return builder.one(.gather(Gather(axis: shape.normalized(axis: axis) ?? axis)), self, indices)
  }

  /// The sum of this tensor's rows at the places that indices `i32` name; others are dropped.
  ///
  /// From `axis` on this tensor has the extents of the indices, which the result replaces by `extent`.
  public func scatterAdd(_ indices: Tensor, axis: Int = 0, extent: Int) -> Tensor {
    if isPoisoned { return self }
    return builder.one(.scatterAdd(ScatterAdd(axis: axis, extent: extent)), self, indices)
  }

  /// For class numbers `i32` a new last axis of `classes` elements: 1 at the class, else 0.
  ///
  /// A number that is no class gives zeros alone.
  public func oneHot(_ classes: Int, dtype: DType = .float32) -> Tensor {
    if isPoisoned { return self }
    let numbers = builder.iota(classes, dtype: self.dtype)
    return (expandingDims(at: -1) .== numbers).converted(to: dtype)
  }
}
