import StriateCore

/// The same elements in row order under other extents.
public struct Reshape: OpRule {
  /// The new extents.
  public var shape: Shape

  /// A change of extents.
  public init(_ shape: Shape) { self.shape = shape }

  public var name: String { "reshape" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(
      !shape.dims.contains { $0 < 0 } && shape.count == inputs[0].shape.count,
      "\(inputs[0].shape) has \(inputs[0].shape.count) elements, \(shape) holds \(shape.count)")
    return [TensorType(inputs[0].dtype, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    [context.cotangents[0]?.reshaped(context.inputs[0].shape)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// The axes in another order: axis `i` of the result is axis `order[i]` of the operand.
public struct Transpose: OpRule {
  /// The operand's axis for each axis of the result.
  public var order: [Int]

  /// A reordering of axes.
  public init(_ order: [Int]) { self.order = order }

  public var name: String { "transpose" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let shape = inputs[0].shape
    try expect(
      order.sorted() == Array(0..<shape.rank), "\(order) is no order of the axes of \(shape)")
    return [TensorType(inputs[0].dtype, Shape(order.map { shape[$0] }))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    return [context.cotangents[0]?.transposed(inverse)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// Repetition by NumPy's rule: axes of extent 1, and missing leading ones, are repeated.
public struct Broadcast: OpRule {
  /// The new extents.
  public var shape: Shape

  /// A repetition to these extents.
  public init(_ shape: Shape) { self.shape = shape }

  public var name: String { "broadcast" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(
      Shape.broadcast(inputs[0].shape, shape) == shape && !shape.dims.contains { $0 < 0 },
      "\(inputs[0].shape) does not broadcast to \(shape)")
    return [TensorType(inputs[0].dtype, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let from = context.inputs[0].shape
    let lead = shape.rank - from.rank
    let axes = (0..<shape.rank).filter { $0 < lead || (from[$0 - lead] == 1 && shape[$0] != 1) }
    return [dy.sum(over: axes).reshaped(from)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// Elements from `start` up to but without `end`, every `step`-th one, along each axis.
public struct Slice: OpRule {
  /// The first element along each axis.
  public var start: [Int]
  /// One past the last element along each axis.
  public var end: [Int]
  /// The distance between elements along each axis.
  public var step: [Int]

  /// A slice.
  public init(start: [Int], end: [Int], step: [Int]) {
    self.start = start
    self.end = end
    self.step = step
  }

  public var name: String { "slice" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let shape = inputs[0].shape
    try expect(
      start.count == shape.rank && end.count == shape.rank && step.count == shape.rank,
      "takes a range for each of the \(shape.rank) axes of \(shape)")
    var result: [Int] = []
    for axis in 0..<shape.rank {
      try expect(
        start[axis] >= 0 && start[axis] <= end[axis] && end[axis] <= shape[axis] && step[axis] >= 1,
        "\(start[axis])..<\(end[axis]) by \(step[axis]) is no range of axis \(axis) of \(shape)")
      let span = end[axis] - start[axis]
      result.append(span == 0 ? 0 : (span - 1) / step[axis] + 1)
    }
    return [TensorType(inputs[0].dtype, Shape(result))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let shape = context.inputs[0].shape
    let high = (0..<shape.rank).map { axis in
      let span = dy.shape[axis] == 0 ? 0 : (dy.shape[axis] - 1) * step[axis] + 1
      return shape[axis] - start[axis] - span
    }
    let pad = Pad(low: start, high: high, interior: step.map { $0 - 1 }, value: 0)
    return [dy.builder.one(.pad(pad), dy)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// A constant around and between the elements.
public struct Pad: OpRule {
  /// Elements added before the first along each axis.
  public var low: [Int]
  /// Elements added after the last along each axis.
  public var high: [Int]
  /// Elements added between neighbours along each axis.
  public var interior: [Int]
  /// The number that is added.
  public var value: Double

  /// A padding.
  public init(low: [Int], high: [Int], interior: [Int]? = nil, value: Double = 0) {
    self.low = low
    self.high = high
    self.interior = interior ?? low.map { _ in 0 }
    self.value = value
  }

  public var name: String { "pad" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let shape = inputs[0].shape
    try expect(
      low.count == shape.rank && high.count == shape.rank && interior.count == shape.rank,
      "takes a padding for each of the \(shape.rank) axes of \(shape)")
    var result: [Int] = []
    for axis in 0..<shape.rank {
      let bound = 0..<(1 << 30)
      try expect(
        bound ~= low[axis] && bound ~= high[axis] && bound ~= interior[axis]
          && bound ~= shape[axis],
        "padding \(low[axis]), \(high[axis]), \(interior[axis]) of axis \(axis) is out of range")
      let gaps = max(shape[axis] - 1, 0) * interior[axis]
      result.append(low[axis] + shape[axis] + gaps + high[axis])
    }
    return [TensorType(inputs[0].dtype, Shape(result))]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let end = (0..<dy.shape.rank).map { dy.shape[$0] - high[$0] }
    let slice = Slice(start: low, end: end, step: interior.map { $0 + 1 })
    return [dy.builder.one(.slice(slice), dy)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// Tensors one after the other along an axis.
public struct Concat: OpRule {
  /// The axis along which they are joined, counted from the front.
  public var axis: Int

  /// A concatenation.
  public init(axis: Int) { self.axis = axis }

  public var name: String { "concat" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard let first = inputs.first else { throw ShapeError("takes at least one operand") }
    try expect(operands: inputs.count, inputs)
    try expect(axis >= 0 && axis < first.shape.rank, "there is no axis \(axis) in \(first.shape)")
    var total = 0
    for type in inputs {
      var other = type.shape
      try expect(
        type.dtype == first.dtype && other.rank == first.shape.rank,
        "takes operands of one type and rank, found \(first) and \(type)")
      other.dims[axis] = first.shape[axis]
      try expect(
        other == first.shape,
        "extents differ outside axis \(axis): \(first.shape) and \(type.shape)")
      total = total.addingSaturated(type.shape[axis])
    }
    var shape = first.shape
    shape.dims[axis] = total
    return [TensorType(first.dtype, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return context.inputs.map { _ in nil } }
    var start = 0
    return context.inputs.map { input in
      let extent = input.shape[axis]
      defer { start += extent }
      return dy.slice(axis: axis, from: start, to: start + extent)
    }
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

/// The elements along some axes in opposite order.
public struct Reverse: OpRule {
  /// The axes, counted from the front, ascending.
  public var axes: [Int]

  /// A reversal of axes counted from the front.
  public init(axes: [Int]) { self.axes = axes.sorted() }

  public var name: String { "reverse" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let rank = inputs[0].shape.rank
    for axis in axes {
      try expect(axis >= 0 && axis < rank, "there is no axis \(axis) in \(inputs[0].shape)")
    }
    try expect(Set(axes).count == axes.count, "an axis is named twice in \(axes)")
    return inputs
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    [context.cotangents[0]?.reversed(axes: axes)]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

// MARK: Surface

extension Tensor {
  /// The same elements in row order under other extents; one extent may be −1 and is then inferred.
  public func reshaped(_ shape: Shape) -> Tensor {
    if isPoisoned || shape == self.shape { return self }
    var wanted = shape
    if let open = shape.dims.firstIndex(of: -1) {
      wanted.dims[open] = 1
      let rest = wanted.count
      wanted.dims[open] = rest > 0 ? self.shape.count / rest : 0
    }
    return builder.one(.reshape(Reshape(wanted)), self)
  }

  /// All axes from one onwards joined into one: `flattened(from: 1)` maps `[N, C, H, W]` to `[N, C·H·W]`.
  public func flattened(from axis: Int = 0) -> Tensor {
    if isPoisoned { return self }
    guard let start = shape.normalized(axis: axis) else {
      return builder.refuse("flatten", "there is no axis \(axis) in \(shape)", operands: [self])
    }
    let tail = Shape(Array(shape.dims[start...])).count
    return reshaped(Shape(Array(shape.dims[..<start]) + [tail]))
  }

  /// The axes in another order.
  public func transposed(_ order: [Int]) -> Tensor {
    builder.one(.transpose(Transpose(order)), self)
  }

  /// Repetition to other extents by NumPy's rule.
  public func broadcast(to shape: Shape) -> Tensor {
    isPoisoned || shape == self.shape ? self : builder.one(.broadcast(Broadcast(shape)), self)
  }

  /// Elements `start..<end` of an axis, every `step`-th one.
  public func slice(axis: Int, from start: Int = 0, to end: Int? = nil, step: Int = 1) -> Tensor {
    if isPoisoned { return self }
    guard let axis = shape.normalized(axis: axis) else {
      return builder.refuse("slice", "there is no axis \(axis) in \(shape)", operands: [self])
    }
    var slice = Slice(
      start: shape.dims.map { _ in 0 }, end: shape.dims, step: shape.dims.map { _ in 1 })
    slice.start[axis] = start
    slice.end[axis] = end ?? shape[axis]
    slice.step[axis] = step
    return builder.one(.slice(slice), self)
  }

  /// A constant before and after the elements of each axis.
  public func padded(low: [Int], high: [Int], value: Double = 0) -> Tensor {
    builder.one(.pad(Pad(low: low, high: high, value: value)), self)
  }
}

/// Tensors one after the other along an axis.
public func concat(_ tensors: [Tensor], axis: Int) -> Tensor? {
  guard let first = tensors.first else { return nil }
  let resolved = first.shape.normalized(axis: axis) ?? axis
  return first.builder.apply(.concat(Concat(axis: resolved)), tensors)[0]
}
