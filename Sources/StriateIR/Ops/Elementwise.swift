import StriateCore

/// A function of one number, applied to every element.
public struct Unary: OpRule {
  /// The function.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case negate, abs, sign, exp, log, sqrt, rsqrt, reciprocal, square, tanh, sigmoid, relu, floor
    case ceil
    /// To the nearest whole number; halves go to the even one.
    case round
    /// The error function `2/√π · ∫₀ˣ e^(−t²) dt`.
    case erf
    case sin, cos
    /// `log(1 + x)`, exact near 0.
    case log1p
    /// `eˣ − 1`, exact near 0.
    case expm1
  }

  /// The function.
  public var kind: Kind

  /// A function of one number.
  public init(_ kind: Kind) { self.kind = kind }

  public var name: String { kind.rawValue }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try expect(inputs[0].dtype.isFloatingPoint, "takes floating point, found \(inputs[0].dtype)")
    return inputs
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let (x, y) = (context.inputs[0], context.outputs[0])
    switch kind {
    case .negate: return [-dy]
    case .abs: return [dy * sign(x)]
    case .sign, .floor, .ceil, .round: return [nil]
    case .exp: return [dy * y]
    case .log: return [dy / x]
    case .sqrt: return [dy * 0.5 / y]
    case .rsqrt: return [dy * y / x * -0.5]
    case .reciprocal: return [-(dy * y * y)]
    case .square: return [dy * x * 2.0]
    case .tanh: return [dy * (1.0 - y * y)]
    case .sigmoid: return [dy * y * (1.0 - y)]
    case .relu: return [gate(y, dy)]
    case .erf: return [dy * exp(-square(x)) * (2 / Double.pi.squareRoot())]
    case .sin: return [dy * cos(x)]
    case .cos: return [-(dy * sin(x))]
    case .log1p: return [dy / (x + 1.0)]
    case .expm1: return [dy * (y + 1.0)]
    }
  }

  /// The square of the slope; of a square, which distances are made of, its own second derivative too.
  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    let one = bend.builder.fill(1, bend.type)
    let slope = vjp(
      VJP(inputs: context.inputs, outputs: context.outputs, cotangents: [one]))[0]
    guard let slope else { return [nil] }
    let passed = bend * (slope * slope)
    guard kind == .square, let gradient = context.cotangents[0] else { return [passed] }
    return [passed + gradient * 2]
  }
}

/// A function of two numbers, applied element by element to operands of one shape.
///
/// Whole numbers: sums and products wrap to the width, quotients are rounded towards zero, `x / 0` and
/// `remainder(x, 0)` are 0, and powers are computed in double precision and saturate.
public struct Binary: OpRule {
  /// The function.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case add, subtract, multiply, divide, maximum, minimum, power
    /// `b` where `a > 0`, else 0: the gradient of ReLU, from either its input or its output.
    case gate
    /// What is left of the quotient rounded down, `a − b·⌊a/b⌋`: of the sign of `b`, as in Python.
    case remainder
  }

  /// The function.
  public var kind: Kind

  /// A function of two numbers.
  public init(_ kind: Kind) { self.kind = kind }

  public var name: String { kind.rawValue }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expect(
      inputs[0] == inputs[1], "takes two operands of one type, found \(inputs[0]) and \(inputs[1])")
    try expect(inputs[0].dtype != .bool, "takes numbers, found booleans")
    return [inputs[0]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0], dy.dtype.isFloatingPoint else { return [nil, nil] }
    let (a, b, y) = (context.inputs[0], context.inputs[1], context.outputs[0])
    switch kind {
    case .add: return [dy, dy]
    case .subtract: return [dy, -dy]
    case .multiply: return [dy * b, dy * a]
    case .divide: return [dy / b, -(dy * y / b)]
    case .maximum: return [share(dy, a, b), share(dy, b, a)]
    case .minimum: return [share(dy, b, a), share(dy, a, b)]
    case .power:
      // The base's logarithm only matters where the base is positive.
      let safe = select(a .> 0.0, log(select(a .> 0.0, a, 1.0)), 0.0)
      return [dy * b * pow(a, b - 1.0), dy * y * safe]
    case .gate: return [nil, gate(a, dy)]
    case .remainder: return [dy, -(dy * floor(a / b))]
    }
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    switch kind {
    case .add, .subtract: return [bend, bend]
    case .multiply: return bilinearCurvature(bend, context)
    case .divide:
      let (b, y) = (context.inputs[1], context.outputs[0])
      return [bend / (b * b), bend * square(y / b)]
    case .gate, .maximum, .minimum: return movedCurvature(bend, context)
    case .power, .remainder:
      let refused = bend.builder.refuse(
        name, "has no rule by which curvatures go back through it", operands: context.inputs)
      return [refused, refused]
    }
  }

  /// The gradient of the greater operand; ties share it half and half.
  private func share(_ dy: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    select(a .> b, dy, select(a .== b, dy * 0.5, 0.0))
  }
}

/// A comparison element by element, giving booleans.
public struct Compare: OpRule {
  /// The relation.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case less, equal, greater }

  /// The relation.
  public var kind: Kind

  /// A comparison.
  public init(_ kind: Kind) { self.kind = kind }

  public var name: String { kind.rawValue }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expect(
      inputs[0] == inputs[1], "takes two operands of one type, found \(inputs[0]) and \(inputs[1])")
    return [TensorType(.bool, inputs[0].shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { [nil, nil] }
}

/// The second operand where the first is true, else the third.
public struct Select: OpRule {
  /// A choice.
  public init() {}

  public var name: String { "select" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 3, inputs)
    try expect(inputs[0].dtype == .bool, "takes a boolean condition, found \(inputs[0])")
    try expect(
      inputs[1] == inputs[2] && inputs[0].shape == inputs[1].shape,
      "takes a condition and two operands of one shape, found \(inputs[0]), \(inputs[1]), \(inputs[2])"
    )
    return [inputs[1]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil, nil] }
    let condition = context.inputs[0]
    return [nil, select(condition, dy, 0.0), select(condition, 0.0, dy)]
  }
}

/// The same numbers in another element type.
public struct Convert: OpRule {
  /// The element type to convert to.
  public var dtype: DType

  /// A conversion.
  public init(_ dtype: DType) { self.dtype = dtype }

  public var name: String { "convert" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    return [TensorType(dtype, inputs[0].shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let from = context.inputs[0].dtype
    return [from.isFloatingPoint && dtype.isFloatingPoint ? dy.converted(to: from) : nil]
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    movedCurvature(bend, context)
  }
}

// MARK: Surface

extension Tensor {
  /// The same numbers in another element type.
  public func converted(to dtype: DType) -> Tensor {
    dtype == self.dtype ? self : builder.one(.convert(Convert(dtype)), self)
  }
}

private func unary(_ kind: Unary.Kind, _ x: Tensor) -> Tensor {
  x.builder.one(.unary(Unary(kind)), x)
}

/// Broadcasts two operands to one shape by NumPy's rule.
private func aligned(
  _ op: String, _ a: Tensor, _ b: Tensor, at location: SourceLocation? = nil
) -> (Tensor, Tensor)? {
  if a.isPoisoned || b.isPoisoned { return nil }
  guard let shape = Shape.broadcast(a.shape, b.shape) else {
    _ = a.builder.refuse(
      op, "shapes \(a.shape) and \(b.shape) do not broadcast to one", operands: [a, b], at: location
    )
    return nil
  }
  return (a.broadcast(to: shape), b.broadcast(to: shape))
}

private func binary(_ kind: Binary.Kind, _ a: Tensor, _ b: Tensor) -> Tensor {
  guard let (x, y) = aligned(kind.rawValue, a, b) else {
    return Tensor(builder: a.builder, id: .poison)
  }
  return a.builder.one(.binary(Binary(kind)), x, y)
}

private func compare(_ kind: Compare.Kind, _ a: Tensor, _ b: some Operand) -> Tensor {
  let b = b.tensor(in: a.builder, dtype: a.dtype)
  guard let (x, y) = aligned(kind.rawValue, a, b) else {
    return Tensor(builder: a.builder, id: .poison)
  }
  return a.builder.one(.compare(Compare(kind)), x, y)
}

infix operator .> : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .== : ComparisonPrecedence

extension Tensor {
  /// The sum, broadcast by NumPy's rule.
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, a, b) }
  /// The difference, broadcast by NumPy's rule.
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, a, b) }
  /// The product, broadcast by NumPy's rule.
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, a, b) }
  /// The quotient, broadcast by NumPy's rule.
  public static func / (a: Tensor, b: Tensor) -> Tensor { binary(.divide, a, b) }
  /// The sum with a parameter or a number.
  public static func + (a: Tensor, b: some Operand) -> Tensor { a + b.operand(beside: a) }
  /// The difference with a parameter or a number.
  public static func - (a: Tensor, b: some Operand) -> Tensor { a - b.operand(beside: a) }
  /// The product with a parameter or a number.
  public static func * (a: Tensor, b: some Operand) -> Tensor { a * b.operand(beside: a) }
  /// The quotient with a parameter or a number.
  public static func / (a: Tensor, b: some Operand) -> Tensor { a / b.operand(beside: a) }
  /// The sum with a parameter or a number.
  public static func + (a: some Operand, b: Tensor) -> Tensor { a.operand(beside: b) + b }
  /// The difference with a parameter or a number.
  public static func - (a: some Operand, b: Tensor) -> Tensor { a.operand(beside: b) - b }
  /// The product with a parameter or a number.
  public static func * (a: some Operand, b: Tensor) -> Tensor { a.operand(beside: b) * b }
  /// The quotient with a parameter or a number.
  public static func / (a: some Operand, b: Tensor) -> Tensor { a.operand(beside: b) / b }
  /// The negative.
  public static prefix func - (x: Tensor) -> Tensor { unary(.negate, x) }
  /// Whether each element exceeds the other's.
  public static func .> (a: Tensor, b: some Operand) -> Tensor { compare(.greater, a, b) }
  /// Whether each element is below the other's.
  public static func .< (a: Tensor, b: some Operand) -> Tensor { compare(.less, a, b) }
  /// Whether each element equals the other's.
  public static func .== (a: Tensor, b: some Operand) -> Tensor { compare(.equal, a, b) }
}

extension Operand {
  fileprivate func operand(beside other: Tensor) -> Tensor {
    tensor(in: other.builder, dtype: other.dtype)
  }
}

/// The absolute value of each element.
public func abs(_ x: Tensor) -> Tensor { unary(.abs, x) }
/// The sign of each element: −1, 0 or 1.
public func sign(_ x: Tensor) -> Tensor { unary(.sign, x) }
/// The exponential of each element.
public func exp(_ x: Tensor) -> Tensor { unary(.exp, x) }
/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { unary(.log, x) }
/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { unary(.sqrt, x) }
/// One over the square root of each element.
public func rsqrt(_ x: Tensor) -> Tensor { unary(.rsqrt, x) }
/// One over each element.
public func reciprocal(_ x: Tensor) -> Tensor { unary(.reciprocal, x) }
/// The square of each element.
public func square(_ x: Tensor) -> Tensor { unary(.square, x) }
/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { unary(.tanh, x) }
/// The logistic function of each element, `1 / (1 + e⁻ˣ)`.
public func sigmoid(_ x: Tensor) -> Tensor { unary(.sigmoid, x) }
/// The positive part of each element (Nair and Hinton, 2010).
public func relu(_ x: Tensor) -> Tensor { unary(.relu, x) }
/// The greatest whole number not above each element.
public func floor(_ x: Tensor) -> Tensor { unary(.floor, x) }
/// The least whole number not below each element.
public func ceil(_ x: Tensor) -> Tensor { unary(.ceil, x) }
/// The whole number nearest to each element; halves go to the even one.
public func round(_ x: Tensor) -> Tensor { unary(.round, x) }
/// The error function of each element, `2/√π · ∫₀ˣ e^(−t²) dt`.
public func erf(_ x: Tensor) -> Tensor { unary(.erf, x) }
/// The sine of each element, in radians.
public func sin(_ x: Tensor) -> Tensor { unary(.sin, x) }
/// The cosine of each element, in radians.
public func cos(_ x: Tensor) -> Tensor { unary(.cos, x) }
/// `log(1 + x)` of each element, exact near 0.
public func log1p(_ x: Tensor) -> Tensor { unary(.log1p, x) }
/// `eˣ − 1` of each element, exact near 0.
public func expm1(_ x: Tensor) -> Tensor { unary(.expm1, x) }

/// The greater of two operands, element by element.
public func maximum(_ a: Tensor, _ b: some Operand) -> Tensor {
  binary(.maximum, a, b.operand(beside: a))
}
/// The lesser of two operands, element by element.
public func minimum(_ a: Tensor, _ b: some Operand) -> Tensor {
  binary(.minimum, a, b.operand(beside: a))
}
/// The first operand to the power of the second, element by element.
public func pow(_ a: Tensor, _ b: some Operand) -> Tensor {
  binary(.power, a, b.operand(beside: a))
}
/// What is left of each quotient rounded down, `a − b·⌊a/b⌋`, of the sign of `b` as in Python.
public func remainder(_ a: Tensor, _ b: some Operand) -> Tensor {
  binary(.remainder, a, b.operand(beside: a))
}
/// Each element, or the bound that it lies beyond: `min(max(x, low), high)`.
public func clamp(_ x: Tensor, _ low: some Operand, _ high: some Operand) -> Tensor {
  minimum(maximum(x, low), high)
}
/// `value` where `condition > 0`, else 0.
public func gate(_ condition: Tensor, _ value: Tensor) -> Tensor { binary(.gate, condition, value) }

/// `a` where the condition holds, else `b`; numbers and scalars broadcast.
public func select(_ condition: Tensor, _ a: some Operand, _ b: some Operand) -> Tensor {
  let dtype = (a as? Tensor)?.dtype ?? (b as? Tensor)?.dtype ?? .float32
  let x = a.tensor(in: condition.builder, dtype: dtype)
  let y = b.tensor(in: condition.builder, dtype: dtype)
  guard let (p, q) = aligned("select", x, y), let (c, r) = aligned("select", condition, p) else {
    return Tensor(builder: condition.builder, id: .poison)
  }
  return condition.builder.one(.select(Select()), c, r, q.broadcast(to: r.shape))
}
