import StriateCore

/// A tensor that is part of the program.
public struct Constant: OpRule {
  /// The value.
  public var value: HostTensor

  /// A constant.
  public init(_ value: HostTensor) { self.value = value }

  public var name: String { "constant" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 0, inputs)
    return [value.type]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [] }

  /// Hashes the type; equality compares the bytes.
  public func hash(into hasher: inout Hasher) { hasher.combine(value.type) }
}

/// One number in every element.
public struct Fill: OpRule {
  /// The number.
  public var value: Double
  /// The type of the result.
  public var type: TensorType

  /// A tensor of one number.
  public init(_ value: Double, _ type: TensorType) {
    self.value = value
    self.type = type
  }

  public var name: String { "fill" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 0, inputs)
    try expect(!type.shape.dims.contains { $0 < 0 }, "\(type) has a negative extent")
    return [type]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [] }

  /// Whether the types and the numbers' bits are the same: 0 and −0 are two, NaN is itself.
  public static func == (a: Fill, b: Fill) -> Bool {
    a.value.bitPattern == b.value.bitPattern && a.type == b.type
  }

  /// Hashes the number's bits and the type.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(value.bitPattern)
    hasher.combine(type)
  }
}

/// Random numbers, a function of the program's key `[seed, step]`, a stream and the position alone.
///
/// Element `i` is made of words of Philox keyed by the seed, at block `i/4`, in the stream mixed with the step.
public struct Random: OpRule {
  /// The distribution.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Uniform in [0, 1).
    case uniform
    /// Normal with mean 0 and variance 1, by Box and Muller's transform.
    case normal
  }

  /// The distribution.
  public var kind: Kind
  /// The extents of the result.
  public var shape: Shape
  /// The stream, hashed from the layer's path and its n-th draw.
  public var stream: UInt64

  /// Random numbers of a stream.
  public init(_ kind: Kind, shape: Shape, stream: UInt64) {
    self.kind = kind
    self.shape = shape
    self.stream = stream
  }

  public var name: String { "random_\(kind.rawValue)" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(inputs[0] == TensorType(.int64, [2]), "takes the key i64[2], found \(inputs[0])")
    try expect(!shape.dims.contains { $0 < 0 }, "\(shape) has a negative extent")
    return [TensorType(.float32, shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [nil] }

  /// The Philox stream at a step: distinct streams and steps give unrelated numbers.
  public func stream(atStep step: Int64) -> UInt64 {
    stream ^ (UInt64(bitPattern: step) &* 0x9E37_79B9_7F4A_7C15)
  }
}

// MARK: Surface

extension GraphBuilder {
  /// A tensor that is part of the program.
  public func constant(_ value: HostTensor) -> Tensor { one(.constant(Constant(value))) }

  /// One number in every element.
  public func fill(_ value: Double, _ type: TensorType) -> Tensor { one(.fill(Fill(value, type))) }

  /// Random numbers of this scope's next draw.
  public func random(_ kind: Random.Kind, _ shape: Shape) -> Tensor {
    let stream = StreamKey([scope, "draw", nextDraw()]).value
    return one(.random(Random(kind, shape: shape, stream: stream)), randomKey)
  }
}
