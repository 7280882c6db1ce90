import StriateCore

extension Tensor {
  /// The elements along axes in opposite order.
  public func reversed(axes: [Int]) -> Tensor {
    if isPoisoned { return self }
    return builder.one(.reverse(Reverse(axes: axes.map { shape.normalized(axis: $0) ?? $0 })), self)
  }

  /// A new axis of extent 1, so that it has this number in the result; −1 is the last.
  public func expandingDims(at axis: Int) -> Tensor {
    if isPoisoned { return self }
    let place = axis < 0 ? axis + shape.rank + 1 : axis
    guard place >= 0, place <= shape.rank else {
      return builder.refuse("expand_dims", "\(shape) gets no axis \(axis)", operands: [self])
    }
    var dims = shape.dims
    dims.insert(1, at: place)
    return reshaped(Shape(dims))
  }

  /// Without axes of extent 1: the named ones, or all of them.
  public func squeezed(axes: [Int]? = nil) -> Tensor {
    if isPoisoned { return self }
    let asked = axes ?? shape.dims.indices.filter { shape[$0] == 1 }
    var gone: Set<Int> = []
    for axis in asked {
      guard let place = shape.normalized(axis: axis), shape[place] == 1 else {
        return builder.refuse(
          "squeeze", "axis \(axis) of \(shape) has not the extent 1", operands: [self])
      }
      gone.insert(place)
    }
    return reshaped(shape.reduced(axes: Array(gone), keepingAxes: false))
  }

  /// Two axes exchanged.
  public func swappingAxes(_ a: Int, _ b: Int) -> Tensor {
    if isPoisoned { return self }
    guard let a = shape.normalized(axis: a), let b = shape.normalized(axis: b) else {
      return builder.refuse(
        "swap_axes", "there are no axes \(a), \(b) in \(shape)", operands: [self])
    }
    var order = Array(0..<shape.rank)
    order.swapAt(a, b)
    return transposed(order)
  }

  /// The axes in another order, negative ones counted from the end.
  public func permuted(_ order: Int...) -> Tensor {
    if isPoisoned { return self }
    return transposed(order.map { shape.normalized(axis: $0) ?? $0 })
  }

  /// The whole tensor repeated so many times along each axis; missing leading axes are added.
  public func tiled(_ counts: [Int]) -> Tensor {
    if isPoisoned { return self }
    guard counts.allSatisfy({ $0 >= 0 }) else {
      return builder.refuse("tile", "takes counts of at least 0, found \(counts)", operands: [self])
    }
    let rank = Swift.max(counts.count, shape.rank)
    let dims = [Int](repeating: 1, count: rank - shape.rank) + shape.dims
    let times = [Int](repeating: 1, count: rank - counts.count) + counts
    // [2, 3] by [4, 5] is [1, 2, 1, 3] repeated to [4, 2, 5, 3].
    let apart = reshaped(Shape(dims.flatMap { [1, $0] }))
    let repeated = apart.broadcast(to: Shape(zip(times, dims).flatMap { [$0, $1] }))
    return repeated.reshaped(Shape(zip(times, dims).map { $0.multipliedSaturated($1) }))
  }

  /// Each element repeated so many times along an axis: `[a, b]` by 2 is `[a, a, b, b]`.
  public func repeated(_ count: Int, axis: Int) -> Tensor {
    if isPoisoned { return self }
    guard let axis = shape.normalized(axis: axis), count >= 0 else {
      return builder.refuse(
        "repeat", "\(shape) has no axis \(axis) to repeat \(count) times", operands: [self])
    }
    var (wide, joined) = (shape.dims, shape.dims)
    wide.insert(count, at: axis + 1)
    joined[axis] = shape[axis].multipliedSaturated(count)
    return expandingDims(at: axis + 1).broadcast(to: Shape(wide)).reshaped(Shape(joined))
  }

  /// The elements along an axis moved on by so many places; those that leave at the end come in at the start.
  public func rolled(by places: Int, axis: Int) -> Tensor {
    if isPoisoned { return self }
    guard let axis = shape.normalized(axis: axis) else {
      return builder.refuse("roll", "there is no axis \(axis) in \(shape)", operands: [self])
    }
    let extent = shape[axis]
    guard extent > 1 else { return self }
    let rest = places % extent
    let start = rest < 0 ? rest + extent : rest
    if start == 0 { return self }
    let (tail, head) = (
      slice(axis: axis, from: extent - start), slice(axis: axis, to: extent - start)
    )
    return concat([tail, head], axis: axis) ?? self
  }

  /// Parts of the given extents along an axis, which must add up to its own.
  public func split(axis: Int, sizes: [Int]) -> [Tensor] {
    if isPoisoned { return sizes.map { _ in self } }
    let extent = shape[axis]
    guard shape.normalized(axis: axis) != nil, sizes.allSatisfy({ $0 >= 0 }),
      sizes.reduce(0, { $0.addingSaturated($1) }) == extent
    else {
      let refused = builder.refuse(
        "split", "sizes \(sizes) do not add up to axis \(axis) of \(shape)", operands: [self])
      return sizes.map { _ in refused }
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return slice(axis: axis, from: start, to: start + size)
    }
  }

  /// So many equal parts along an axis.
  public func split(axis: Int, into parts: Int) -> [Tensor] {
    let size = parts > 0 ? shape[axis] / parts : 0
    guard isPoisoned || (parts > 0 && size * parts == shape[axis]) else {
      return [
        builder.refuse(
          "split", "axis \(axis) of \(shape) has no \(parts) equal parts", operands: [self])
      ]
    }
    return split(axis: axis, sizes: (0..<Swift.max(parts, 1)).map { _ in size })
  }
}

/// Tensors of one type side by side along a new axis; nil for none.
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor? {
  guard let first = tensors.first else { return nil }
  let place = axis < 0 ? axis + first.shape.rank + 1 : axis
  return concat(tensors.map { $0.expandingDims(at: axis) }, axis: place)
}
