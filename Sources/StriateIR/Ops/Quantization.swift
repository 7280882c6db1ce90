import StriateCore

/// How real numbers are written in 8 bits: `real = scale · (q − zeroPoint)`.
///
/// Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
/// inference", CVPR 2018, eq. 1. One pair of numbers for the whole tensor, or one for each position of an axis.
public struct Quantization: Sendable, Hashable {
  /// The size of a step, one for the tensor or one for each position of the axis; finite and above 0.
  public var scale: [Double]
  /// The integer that stands for 0, as many as there are scales; within the range.
  public var zeroPoint: [Int]
  /// The axis with scales of its own, counted from the front; nil for one scale.
  public var axis: Int?
  /// The element type: `int8` or `uint8`.
  public var dtype: DType
  /// The integers that are used.
  public var range: ClosedRange<Int>

  /// A way to write numbers in 8 bits; all integers of the type are used by default.
  public init(
    scale: [Double], zeroPoint: [Int]? = nil, axis: Int? = nil, dtype: DType = .int8,
    range: ClosedRange<Int>? = nil
  ) {
    self.scale = scale
    self.zeroPoint = zeroPoint ?? scale.map { _ in 0 }
    self.axis = axis
    self.dtype = dtype
    self.range = range ?? (dtype == .uint8 ? 0...255 : -128...127)
  }

  /// One scale for the whole tensor.
  public init(
    scale: Double, zeroPoint: Int = 0, dtype: DType = .int8, range: ClosedRange<Int>? = nil
  ) {
    self.init(scale: [scale], zeroPoint: [zeroPoint], dtype: dtype, range: range)
  }

  /// All integers of the type.
  public var fullRange: ClosedRange<Int> { dtype == .uint8 ? 0...255 : -128...127 }

  /// Throws unless the numbers are possible ones for tensors of a shape.
  func expectFits(_ shape: Shape) throws(ShapeError) {
    try expect(dtype == .int8 || dtype == .uint8, "takes int8 or uint8, found \(dtype)")
    let all = dtype == .int8 ? -128...127 : 0...255
    try expect(
      all.contains(range.lowerBound) && all.contains(range.upperBound),
      "the range \(range) is not within the \(all) of \(dtype)")
    try expect(scale.allSatisfy { $0.isFinite && $0 > 0 }, "a scale is not finite and above 0")
    try expect(zeroPoint.allSatisfy(range.contains), "a zero point lies outside \(range)")
    try expect(
      scale.count == zeroPoint.count,
      "\(scale.count) scales need as many zero points, not \(zeroPoint.count)")
    guard let axis else {
      return try expect(scale.count == 1, "takes one scale without an axis, found \(scale.count)")
    }
    try expect(axis >= 0 && axis < shape.rank, "there is no axis \(axis) in \(shape)")
    try expect(
      scale.count == shape[axis],
      "axis \(axis) of \(shape) needs as many scales, found \(scale.count)")
  }
}

/// Real numbers written in 8 bits: `q = clamp(round(x / scale) + zeroPoint, range)`, halves to even.
///
/// NaN becomes the zero point. No gradient flows: see `fakeQuantized`.
public struct Quantize: OpRule {
  /// How numbers are written.
  public var quantization: Quantization

  /// A quantisation.
  public init(_ quantization: Quantization) { self.quantization = quantization }

  public var name: String { "quantize" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(inputs[0].dtype.isFloatingPoint, "takes floating point, found \(inputs[0])")
    try quantization.expectFits(inputs[0].shape)
    return [TensorType(quantization.dtype, inputs[0].shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [nil] }
}

/// The real numbers that were written in 8 bits: `scale · (q − zeroPoint)` as `f32`.
public struct Dequantize: OpRule {
  /// How the numbers were written.
  public var quantization: Quantization

  /// The inverse of a quantisation.
  public init(_ quantization: Quantization) { self.quantization = quantization }

  public var name: String { "dequantize" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(
      inputs[0].dtype == quantization.dtype, "takes \(quantization.dtype), found \(inputs[0])")
    try quantization.expectFits(inputs[0].shape)
    return [TensorType(.float32, inputs[0].shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [nil] }
}

// MARK: Surface

extension Tensor {
  /// The numbers written in 8 bits.
  public func quantized(_ quantization: Quantization) -> Tensor {
    builder.one(.quantize(Quantize(quantization)), self)
  }

  /// The real numbers that were written in 8 bits.
  public func dequantized(_ quantization: Quantization) -> Tensor {
    builder.one(.dequantize(Dequantize(quantization)), self)
  }

  /// The numbers as 8 bits would hold them, in floating point: for quantisation-aware training.
  ///
  /// The gradient passes straight through where a number lies in the range, else it is 0.
  public func fakeQuantized(_ quantization: Quantization) -> Tensor {
    let q = quantized(quantization)
    if q.isPoisoned { return q }
    let value = q.dequantized(quantization).converted(to: dtype)
    var dims = shape.dims.map { _ in 1 }
    if let axis = quantization.axis { dims[axis] = shape[axis] }
    func vector(_ numbers: [Double]) -> Tensor {
      let host = HostTensor(numbers).converted(to: dtype)
      return builder.constant(host).reshaped(quantization.axis == nil ? [] : Shape(dims))
    }
    let zero = quantization.zeroPoint.map(Double.init)
    let scaled = round(self / vector(quantization.scale))
    let low = vector(zero.map { Double(quantization.range.lowerBound) - $0 })
    let high = vector(zero.map { Double(quantization.range.upperBound) - $0 })
    let isInside = (scaled .>= low) .& (scaled .<= high)
    return straightThrough(value, gradientTo: select(isInside, self, 0.0))
  }
}
