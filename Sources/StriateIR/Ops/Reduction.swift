import StriateCore

/// One number from all elements along some axes.
///
/// Sums and products of whole numbers wrap to their width. Of booleans `max` says whether any holds and `min`
/// whether all do. Of no elements a sum is 0, a product 1, any false, all true; the others are refused.
public struct Reduce: OpRule {
  /// How elements combine.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case sum, mean, max, min, product }

  /// How elements combine.
  public var kind: Kind
  /// The axes that vanish, counted from the front, ascending.
  public var axes: [Int]
  /// Whether reduced axes stay with extent 1.
  public var keepsAxes: Bool

  /// A reduction over axes counted from the front.
  public init(_ kind: Kind, axes: [Int], keepsAxes: Bool = false) {
    self.kind = kind
    self.axes = axes.sorted()
    self.keepsAxes = keepsAxes
  }

  public var name: String { "reduce_\(kind.rawValue)" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let type = inputs[0]
    switch kind {
    case .mean:
      try expect(type.dtype.isFloatingPoint, "takes floating point, found \(type.dtype)")
    case .sum, .product: try expect(type.dtype != .bool, "takes numbers, found booleans")
    case .max, .min: break
    }
    for axis in axes {
      try expect(axis >= 0 && axis < type.shape.rank, "there is no axis \(axis) in \(type.shape)")
    }
    try expect(Set(axes).count == axes.count, "an axis is named twice in \(axes)")
    let shape = type.shape.reduced(axes: axes, keepingAxes: keepsAxes)
    try expect(
      type.shape.count > 0 || shape.count == 0 || kind == .sum || kind == .product
        || type.dtype == .bool,
      "an empty tensor has no \(kind.rawValue)")
    return [TensorType(type.dtype, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0], dy.dtype.isFloatingPoint else { return [nil] }
    let (x, y) = (context.inputs[0], context.outputs[0])
    let kept = x.shape.reduced(axes: axes, keepingAxes: true)
    let spread = dy.reshaped(kept).broadcast(to: x.shape)
    switch kind {
    case .sum: return [spread]
    case .mean: return [spread * (Double(y.shape.count) / Double(max(x.shape.count, 1)))]
    case .product:
      // The product of the others: where one element is 0, only that one has any.
      let isZero = x .== 0.0
      let zeros = isZero.converted(to: x.dtype).sum(over: axes, keepingAxes: true)
      let safe = select(isZero, 1.0, x)
      let product = safe.product(over: axes, keepingAxes: true)
      let others = select(
        zeros .== 0.0, product / safe, select(zeros .== 1.0, select(isZero, product, 0.0), 0.0))
      return [spread * others]
    case .max, .min:
      // Ties share the gradient evenly.
      let hit = (x .== y.reshaped(kept).broadcast(to: x.shape)).converted(to: x.dtype)
      let ties = hit.sum(over: axes, keepingAxes: true)
      return [spread * hit / ties]
    }
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    let (x, y) = (context.inputs[0], context.outputs[0])
    switch kind {
    case .sum, .max, .min: return movedCurvature(bend, context)
    case .mean:
      let share = Double(y.shape.count) / Double(max(x.shape.count, 1))
      return movedCurvature(bend * share, context)
    case .product:
      let refused = bend.builder.refuse(
        name, "has no rule by which curvatures go back through it", operands: context.inputs)
      return [refused]
    }
  }
}

/// The position of the greatest or the least element along an axis; the first one of equals, NaN first of all.
public struct ArgMax: OpRule {
  /// The axis that vanishes, counted from the front.
  public var axis: Int
  /// Whether the least element is sought.
  public var isLeast: Bool

  /// A search along an axis.
  public init(axis: Int, isLeast: Bool = false) {
    self.axis = axis
    self.isLeast = isLeast
  }

  public var name: String { isLeast ? "arg_min" : "arg_max" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let shape = inputs[0].shape
    try expect(axis >= 0 && axis < shape.rank, "there is no axis \(axis) in \(shape)")
    try expect(shape[axis] > 0, "axis \(axis) of \(shape) is empty")
    return [TensorType(.int32, shape.reduced(axes: [axis], keepingAxes: false))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [nil] }
}

// MARK: Surface

extension Tensor {
  private func reduce(_ kind: Reduce.Kind, _ axes: [Int]?, _ keepsAxes: Bool) -> Tensor {
    if isPoisoned { return self }
    let axes = axes ?? Array(0..<shape.rank)
    let resolved = axes.map { shape.normalized(axis: $0) ?? $0 }
    return builder.one(.reduce(Reduce(kind, axes: resolved, keepsAxes: keepsAxes)), self)
  }

  /// The sum along axes; all of them by default.
  public func sum(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    reduce(.sum, axes, keepingAxes)
  }

  /// The mean along axes; all of them by default.
  public func mean(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    reduce(.mean, axes, keepingAxes)
  }

  /// The greatest element along axes; all of them by default.
  public func max(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    reduce(.max, axes, keepingAxes)
  }

  /// The least element along axes; all of them by default.
  public func min(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    reduce(.min, axes, keepingAxes)
  }

  /// The product along axes; all of them by default.
  public func product(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    reduce(.product, axes, keepingAxes)
  }

  /// The position of the greatest element along an axis, as `i32`.
  public func argMax(axis: Int) -> Tensor {
    if isPoisoned { return self }
    return builder.one(.argMax(ArgMax(axis: shape.normalized(axis: axis) ?? axis)), self)
  }

  /// The position of the least element along an axis, as `i32`.
  public func argMin(axis: Int) -> Tensor {
    if isPoisoned { return self }
    let op = ArgMax(axis: shape.normalized(axis: axis) ?? axis, isLeast: true)
    return builder.one(.argMax(op), self)
  }
}
