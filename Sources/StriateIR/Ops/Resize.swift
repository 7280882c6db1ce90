import StriateCore

/// Resampling of the spatial axes of `[N, C, …]`: a linear map along each axis in turn.
///
/// The conventions are PyTorch's `interpolate`. With pixels as areas (the default), output `i` of `n` over an
/// extent `e` looks at the input's position `(i + ½)·e/n − ½`; with aligned corners at `i·(e − 1)/(n − 1)`.
/// Where factors are given, `1/factor` stands for `e/n`, as in PyTorch unless `recompute_scale_factor` is set:
/// 5 elements by 1.5 are 7, of which element 1 lies at 1/1.5 and not at 5/7. Aligned corners and means go by the
/// extents alone.
public struct Resize: OpRule {
  /// How neighbouring elements are weighted.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Element `⌊i·e/n⌋`.
    case nearest
    /// The element at the centre, `⌊(i + ½)·e/n⌋`, as Pillow and scikit-image choose.
    case nearestExact = "nearest_exact"
    /// Two neighbours by distance: bilinear, trilinear.
    case linear
    /// Four neighbours by Keys' cubic with `a = −0.75`, or `−0.5` with antialiasing.
    case cubic
    /// The mean of elements `⌊i·e/n⌋ ..< ⌈(i + 1)·e/n⌉`: adaptive average pooling.
    case average
  }

  /// The spatial extents of the result.
  public var size: [Int]
  /// How neighbouring elements are weighted.
  public var mode: Mode
  /// Whether the first and last elements of both sides lie on each other.
  public var alignsCorners: Bool
  /// Whether the weights are widened where the result is smaller, so that every element counts.
  public var antialiases: Bool
  /// By what each spatial axis is said to grow; nil goes by the extents.
  public var factors: [Double]?

  /// A resampling to these spatial extents.
  public init(
    size: [Int], mode: Mode, alignsCorners: Bool = false, antialiases: Bool = false,
    factors: [Double]? = nil
  ) {
    self.size = size
    self.mode = mode
    self.alignsCorners = alignsCorners
    self.antialiases = antialiases
    self.factors = factors
  }

  public var name: String { "resize_\(mode.rawValue)" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    return [try resized(inputs[0])]
  }

  /// The type of the result of resampling a type.
  func resized(_ x: TensorType) throws(ShapeError) -> TensorType {
    try expect(
      x.dtype.isFloatingPoint && x.shape.rank >= 3,
      "takes floating point images [N, C, …], found \(x)")
    try expect(
      size.count == x.shape.rank - 2, "\(size.count) sizes are not the spatial axes of \(x)")
    for (size, extent) in zip(self.size, x.shape.dims.dropFirst(2)) {
      try expect(1..<Window.limit ~= size, "takes sizes of at least 1, found \(self.size)")
      try expect(1..<Window.limit ~= extent, "extent \(extent) of \(x) is out of range")
    }
    if let factors {
      try expect(
        factors.count == size.count && factors.allSatisfy { $0 > 0 && $0 <= 65536 },
        "takes a factor in (0, 65536] for each of \(size.count) axes, found \(factors)")
      let grown = zip(x.shape.dims.dropFirst(2), factors).map { Int(Double($0) * $1) }
      try expect(
        grown == size, "the factors \(factors) make \(grown) of \(x), the sizes are \(size)")
    }
    let isSmooth = mode == .linear || mode == .cubic
    try expect(
      isSmooth || (!alignsCorners && !antialiases),
      "aligned corners and antialiasing are for linear and cubic, found \(mode.rawValue)")
    return TensorType(x.dtype, Shape(Array(x.shape.dims.prefix(2)) + size))
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let spatial = Array(context.inputs[0].shape.dims.dropFirst(2))
    return [dy.builder.one(.resizeBackward(ResizeBackward(self, spatial: spatial)), dy)]
  }

  /// The weights along each spatial axis of an input of these extents.
  package func tables(_ spatial: [Int]) -> [ResizeTable] {
    spatial.indices.map {
      ResizeTable(self, input: spatial[$0], output: size[$0], factor: factors?[$0])
    }
  }
}

/// The gradient of `Resize`, its adjoint: `dy → dx`.
public struct ResizeBackward: OpRule {
  /// The resampling.
  public var resize: Resize
  /// The spatial extents of the resampling's input.
  public var spatial: [Int]

  /// The gradient of a resampling of images of these spatial extents.
  public init(_ resize: Resize, spatial: [Int]) {
    self.resize = resize
    self.spatial = spatial
  }

  public var name: String { "\(resize.name)_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let dy = inputs[0]
    let x = TensorType(dy.dtype, Shape(Array(dy.shape.dims.prefix(2)) + spatial))
    let y = try resize.resized(x)
    try expect(dy == y, "resampling \(x) gives \(y), found the gradient \(dy)")
    return [x]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let t = context.cotangents[0] else { return [nil] }
    return [t.builder.one(.resize(resize), t)]
  }
}

/// Resampling of `[N, C, …]` to other spatial extents; see `Resize` for the conventions.
public func resize(
  _ x: Tensor, size: [Int], mode: Resize.Mode = .linear, alignsCorners: Bool = false,
  antialiases: Bool = false, factors: [Double]? = nil
) -> Tensor {
  let rule = Resize(
    size: size, mode: mode, alignsCorners: alignsCorners, antialiases: antialiases,
    factors: factors)
  return x.builder.one(.resize(rule), x)
}
