import StriateCore

/// Zero mean and unit variance of every row, a row being the last `axes` axes: what layer, group and instance
/// normalisation have in common.
///
/// `x → (y, mean, rstd)`, `rstd = 1 / √(variance + epsilon)`, `y = (x − mean) · rstd`, the variance biased
/// (divided by n). Mean and rstd have the shape of the leading axes.
public struct Standardize: OpRule {
  /// How many trailing axes make a row.
  public var axes: Int
  /// What is added to the variance.
  public var epsilon: Double

  /// A standardisation of rows.
  public init(axes: Int, epsilon: Double) {
    self.axes = axes
    self.epsilon = epsilon
  }

  public var name: String { "standardize" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(epsilon > 0 && epsilon.isFinite, "epsilon must be positive, found \(epsilon)")
    let statistics = try statisticsType(inputs[0], axes: axes)
    return [inputs[0], statistics, statistics]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    let (x, y, rstd) = (context.inputs[0], context.outputs[0], context.outputs[2])
    let n = Double(max(x.shape.count, 1)) / Double(max(rstd.shape.count, 1))
    var dx: Tensor?
    if let dy = context.cotangents[0] {
      let rule = StandardizeBackward(axes: axes)
      dx = dy.builder.one(.standardizeBackward(rule), y, rstd, dy)
    }
    // What flows in through the statistics themselves.
    if let dMean = context.cotangents[1] {
      let part = (dMean * (1 / n)).alongRows(like: x)
      dx = dx.map { $0 + part } ?? part
    }
    if let dRstd = context.cotangents[2] {
      let part = y * (dRstd * square(rstd) * (-1 / n)).alongRows(like: x)
      dx = dx.map { $0 + part } ?? part
    }
    return [dx]
  }
}

/// The gradient of `Standardize` in its input: `(y, rstd, dy) → dx`.
///
/// `dx = rstd · (dy − mean(dy) − y · mean(dy · y))`, the means over each row.
public struct StandardizeBackward: OpRule {
  /// How many trailing axes make a row.
  public var axes: Int

  /// The gradient of a standardisation of rows.
  public init(axes: Int) { self.axes = axes }

  public var name: String { "standardize_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 3, inputs)
    let statistics = try statisticsType(inputs[0], axes: axes)
    try expect(inputs[1] == statistics, "takes rstd of type \(statistics), found \(inputs[1])")
    try expect(inputs[2] == inputs[0], "takes a gradient of type \(inputs[0]), found \(inputs[2])")
    return [inputs[0]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil, nil, nil] }
    let (y, rstd, dy) = (context.inputs[0], context.inputs[1], context.inputs[2])
    let rows = Array((y.shape.rank - axes)..<y.shape.rank)
    func mean(_ value: Tensor) -> Tensor {
      value.mean(over: rows, keepingAxes: true).broadcast(to: y.shape)
    }
    let spread = rstd.alongRows(like: y)
    let dx = context.outputs[0]
    return [
      -(spread * (t * mean(dy * y) + dy * mean(t * y))),
      (t * dx).sum(over: rows) / rstd,
      // The map from dy to dx is its own adjoint.
      t.builder.one(.standardizeBackward(self), y, rstd, t),
    ]
  }
}

/// The type of a number for each row.
private func statisticsType(_ x: TensorType, axes: Int) throws(ShapeError) -> TensorType {
  try expect(x.dtype.isFloatingPoint, "takes floating point, found \(x)")
  try expect(
    1...max(x.shape.rank, 1) ~= axes && axes <= x.shape.rank,
    "takes rows of 1 to \(x.shape.rank) axes of \(x), found \(axes)")
  try expect(
    Shape(Array(x.shape.dims.suffix(axes))).count > 0, "an empty row of \(x) has no statistics")
  return TensorType(x.dtype, Shape(Array(x.shape.dims.dropLast(axes))))
}

extension Tensor {
  /// A number for each row, of the shape of the leading axes, spread over the type of `x`.
  fileprivate func alongRows(like x: Tensor) -> Tensor {
    if isPoisoned || x.isPoisoned { return Tensor(builder: builder, id: .poison) }
    let ones = [Int](repeating: 1, count: Swift.max(x.shape.rank - shape.rank, 0))
    return reshaped(Shape(shape.dims + ones)).broadcast(to: x.shape)
  }
}

// MARK: Surface

/// Zero mean and unit variance of every row of the last `axes` axes, with the rows' mean and
/// `rstd = 1/√(variance + epsilon)`.
public func standardize(
  _ x: Tensor, axes: Int, epsilon: Double
) -> (y: Tensor, mean: Tensor, rstd: Tensor) {
  let rule = Standardize(axes: axes, epsilon: epsilon)
  let results = x.builder.apply(.standardize(rule), [x], results: 3)
  return (results[0], results[1], results[2])
}

/// Layer normalisation (Ba, Kiros and Hinton, 2016) over the last `axes` axes; scale and shift have their
/// extents.
public func layerNorm(
  _ x: Tensor, axes: Int = 1, scale: (any Operand)? = nil, shift: (any Operand)? = nil,
  epsilon: Double = 1e-5
) -> Tensor {
  let y = standardize(x, axes: axes, epsilon: epsilon).y
  if y.isPoisoned { return y }
  let wanted = Shape(Array(x.shape.dims.suffix(axes)))
  return affine(y, "layer_norm", scale, shift, wanted) { $0 }
}

/// Group normalisation (Wu and He, 2018) of `[N, C, …]`: the channels of each group and their positions have
/// zero mean and unit variance together; scale and shift are `[C]`.
public func groupNorm(
  _ x: Tensor, groups: Int, scale: (any Operand)? = nil, shift: (any Operand)? = nil,
  epsilon: Double = 1e-5
) -> Tensor {
  if x.isPoisoned { return x }
  let channels = x.shape[1]
  guard x.shape.rank >= 2, groups > 0, channels > 0, channels % groups == 0 else {
    let message = "the channels of \(x.shape) do not fall into \(groups) groups"
    return x.builder.refuse("group_norm", message, operands: [x])
  }
  let rows = Shape([x.shape[0], groups, channels / groups] + x.shape.dims.dropFirst(2))
  let y = standardize(x.reshaped(rows), axes: rows.rank - 2, epsilon: epsilon).y
  if y.isPoisoned { return y }
  return affine(y.reshaped(x.shape), "group_norm", scale, shift, [channels]) {
    $0.alongChannels(like: x)
  }
}

/// Instance normalisation (Ulyanov, Vedaldi and Lempitsky, 2016) of `[N, C, …]`: every channel of every image
/// has zero mean and unit variance; scale and shift are `[C]`.
public func instanceNorm(
  _ x: Tensor, scale: (any Operand)? = nil, shift: (any Operand)? = nil, epsilon: Double = 1e-5
) -> Tensor {
  if x.isPoisoned { return x }
  guard x.shape.rank >= 3 else {
    return x.builder.refuse(
      "instance_norm", "takes images [N, C, …], found \(x.type)", operands: [x])
  }
  return groupNorm(x, groups: x.shape[1], scale: scale, shift: shift, epsilon: epsilon)
}

/// `y · scale + shift`, both of the wanted shape, after they are spread.
private func affine(
  _ y: Tensor, _ op: String, _ scale: (any Operand)?, _ shift: (any Operand)?, _ wanted: Shape,
  _ spread: (Tensor) -> Tensor
) -> Tensor {
  func vector(_ operand: any Operand, _ what: String) -> Tensor {
    let value = operand.tensor(in: y.builder, dtype: y.dtype)
    if value.isPoisoned || value.type == TensorType(y.dtype, wanted) { return spread(value) }
    return y.builder.refuse(
      op, "takes a \(what) of type \(TensorType(y.dtype, wanted)), found \(value.type)",
      operands: [y, value])
  }
  let scaled = scale.map { y * vector($0, "scale") } ?? y
  return shift.map { scaled + vector($0, "shift") } ?? scaled
}
