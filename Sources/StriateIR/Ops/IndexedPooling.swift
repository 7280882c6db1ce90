import StriateCore

/// Where the windows of an indexed pooling lie.
public enum PoolWindows: Sendable, Hashable {
  /// A window that slides.
  case sliding(Window)
  /// As many windows along each axis as given: window `i` of `n` over an extent `e` covers
  /// `⌊i·e/n⌋ ..< ⌈(i + 1)·e/n⌉`, so that they cover everything and overlap by at most one.
  case adaptive([Int])

  /// The elements under the windows of an axis of this extent: none of the padding.
  package func axis(_ axis: Int, input: Int, output: Int) -> PoolAxis {
    var result = PoolAxis()
    switch self {
    case .sliding(let window):
      let (gap, kernel) = (window.dilation[axis], window.kernel[axis])
      result.step = gap
      for position in 0..<output {
        let start = position * window.stride[axis] - window.padLow[axis]
        let low = start >= 0 ? 0 : (gap - 1 - start) / gap
        let last = input - 1 - start
        let high = last < 0 ? 0 : min(last / gap + 1, kernel)
        result.starts.append(start + low * gap)
        result.counts.append(max(high - low, 0))
      }
    case .adaptive:
      for position in 0..<output {
        let start = position * input / output
        result.starts.append(start)
        result.counts.append(((position + 1) * input + output - 1) / output - start)
      }
    }
    return result
  }
}

/// The windows along one axis: window `i` covers `counts[i]` elements from `starts[i]` on, `step` apart.
package struct PoolAxis: Sendable {
  package var starts: [Int]
  package var counts: [Int]
  package var step: Int

  /// The windows along an axis.
  package init(starts: [Int] = [], counts: [Int] = [], step: Int = 1) {
    self.starts = starts
    self.counts = counts
    self.step = step
  }
}

/// The greatest element under each window and where it lies: `x → (y, indices i32)`.
///
/// An index is the flat position in the input's spatial plane, as PyTorch's; of equals it is the first, and a
/// NaN wins. These are the switches of the deconvolution networks (Zeiler and Fergus, 2014).
public struct MaxPoolWithIndices: OpRule {
  /// Where the windows lie.
  public var windows: PoolWindows

  /// A maximum under windows.
  public init(_ windows: PoolWindows) { self.windows = windows }

  public var name: String { "max_pool_with_indices" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let y: TensorType
    switch windows {
    case .sliding(let window): y = try pooled(inputs[0], window)
    case .adaptive(let sizes): y = try adapted(inputs[0], sizes)
    }
    try expectPlane(Array(inputs[0].shape.dims.dropFirst(2)))
    return [y, TensorType(.int32, y.shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let spatial = Array(context.inputs[0].shape.dims.dropFirst(2))
    return [maxUnpool(dy, indices: context.outputs[1], spatial: spatial)]
  }
}

/// The adjoint of taking maxima: `(y, indices) → x`, zero but for `x[indices[p]] += y[p]` in each plane.
///
/// What several windows put on one element is added, where PyTorch keeps one of them. An index outside the
/// plane makes the plane's first element NaN.
public struct MaxUnpool: OpRule {
  /// The spatial extents of the result.
  public var spatial: [Int]

  /// A scattering into planes of these extents.
  public init(spatial: [Int]) { self.spatial = spatial }

  public var name: String { "max_unpool" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expectIndices(inputs[1], of: inputs[0])
    try expect(
      spatial.count == inputs[0].shape.rank - 2,
      "extents \(spatial) are not the spatial ones of \(inputs[0])")
    try expectPlane(spatial)
    let shape = Shape(Array(inputs[0].shape.dims.prefix(2)) + spatial)
    return [TensorType(inputs[0].dtype, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil, nil] }
    return [t.builder.one(.maxUnpoolBackward(MaxUnpoolBackward()), t, context.inputs[1]), nil]
  }
}

/// The gradient of `MaxUnpool`: `(dx, indices) → dy`, `dy[p] = dx[indices[p]]` in each plane.
///
/// An index outside the plane gives NaN.
public struct MaxUnpoolBackward: OpRule {
  /// A gathering from planes.
  public init() {}

  public var name: String { "max_unpool_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    let (x, indices) = (inputs[0].shape, inputs[1].shape)
    let y = TensorType(inputs[0].dtype, Shape(Array(x.dims.prefix(2)) + indices.dims.dropFirst(2)))
    try expect(x.rank == indices.rank, "takes planes and indices of one rank, found \(inputs)")
    try expectIndices(inputs[1], of: y)
    try expectPlane(Array(x.dims.dropFirst(2)))
    return [y]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil, nil] }
    let spatial = Array(context.inputs[0].shape.dims.dropFirst(2))
    return [maxUnpool(t, indices: context.inputs[1], spatial: spatial), nil]
  }
}

/// The shape rule of adaptive windows.
private func adapted(_ x: TensorType, _ sizes: [Int]) throws(ShapeError) -> TensorType {
  try expect(
    x.dtype.isFloatingPoint && x.shape.rank >= 3,
    "takes floating point images [N, C, …], found \(x)")
  try expect(
    sizes.count == x.shape.rank - 2, "\(sizes.count) sizes are not the spatial axes of \(x)")
  for (size, extent) in zip(sizes, x.shape.dims.dropFirst(2)) {
    try expect(1..<Window.limit ~= size, "takes sizes of at least 1, found \(sizes)")
    try expect(1..<(1 << 31) ~= extent, "extent \(extent) of \(x) is out of range")
  }
  return TensorType(x.dtype, Shape(Array(x.shape.dims.prefix(2)) + sizes))
}

private func expectIndices(_ indices: TensorType, of y: TensorType) throws(ShapeError) {
  try expect(
    y.dtype.isFloatingPoint && y.shape.rank >= 3,
    "takes floating point images [N, C, …], found \(y)")
  try expect(
    indices == TensorType(.int32, y.shape), "takes an i32 index for each of \(y), found \(indices)")
}

/// Refuses planes whose positions an i32 cannot number.
private func expectPlane(_ spatial: [Int]) throws(ShapeError) {
  try expect(
    1..<(1 << 31) ~= Shape(spatial).count, "a plane of \(Shape(spatial)) has no i32 positions")
}

// MARK: Surface

/// The maximum under a window and its flat position in the input's spatial plane (i32).
public func maxPoolWithIndices(
  _ x: Tensor, kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil, dilation: [Int]? = nil,
  ceil: Bool = false
) -> (y: Tensor, indices: Tensor) {
  if x.isPoisoned { return (x, x) }
  let window = Window(
    kernel: kernel, stride: stride ?? kernel, padLow: padding, dilation: dilation
  ).covering(x.shape, ceil: ceil)
  return maxPoolWithIndices(x, .sliding(window))
}

func maxPoolWithIndices(_ x: Tensor, _ windows: PoolWindows) -> (y: Tensor, indices: Tensor) {
  let rule = MaxPoolWithIndices(windows)
  let results = x.builder.apply(.maxPoolWithIndices(rule), [x], results: 2)
  return (results[0], results[1])
}

/// Puts pooled values back where their maxima lay, zeros elsewhere; see `MaxUnpool`.
///
/// `y` and `indices` are those of `maxPoolWithIndices`, `spatial` the spatial extents of what it pooled.
public func maxUnpool(_ y: Tensor, indices: Tensor, spatial: [Int]) -> Tensor {
  y.builder.one(.maxUnpool(MaxUnpool(spatial: spatial)), y, indices)
}
