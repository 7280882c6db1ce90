#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Unary.Kind {
  /// The function on one number: what the interpreter does and what folding uses.
  @inlinable public func apply(_ x: Double) -> Double {
    switch self {
    case .negate: -x
    case .abs: Swift.abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .exp: libmExp(x)
    case .log: libmLog(x)
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .reciprocal: 1 / x
    case .square: x * x
    case .tanh: libmTanh(x)
    case .sigmoid: 1 / (1 + libmExp(-x))
    case .relu: x > 0 || x.isNaN ? x : 0
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .erf: libmErf(x)
    case .sin: libmSin(x)
    case .cos: libmCos(x)
    case .log1p: libmLog1p(x)
    case .expm1: libmExpm1(x)
    }
  }
}

extension Binary.Kind {
  /// The function on two numbers: what the interpreter does and what folding uses.
  @inlinable public func apply(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a > b || a.isNaN ? a : b
    case .minimum: a < b || a.isNaN ? a : b
    case .power: libmPow(a, b)
    case .remainder: flooredRemainder(a, b)
    case .gate: a > 0 ? b : 0
    }
  }
}

extension Compare.Kind {
  /// The relation of two numbers.
  @inlinable public func apply(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .equal: a == b
    case .greater: a > b
    }
  }
}

// The C functions under names that the enum's cases do not hide.
@usableFromInline func libmExp(_ x: Double) -> Double { exp(x) }
@usableFromInline func libmLog(_ x: Double) -> Double { log(x) }
@usableFromInline func libmErf(_ x: Double) -> Double { erf(x) }
@usableFromInline func libmSin(_ x: Double) -> Double { sin(x) }
@usableFromInline func libmCos(_ x: Double) -> Double { cos(x) }
@usableFromInline func libmLog1p(_ x: Double) -> Double { log1p(x) }
@usableFromInline func libmExpm1(_ x: Double) -> Double { expm1(x) }
@usableFromInline func libmTanh(_ x: Double) -> Double { tanh(x) }
@usableFromInline func libmPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }

/// What is left of a quotient rounded down: of the divisor's sign, as in Python.
@usableFromInline func flooredRemainder(_ a: Double, _ b: Double) -> Double {
  let rest = fmod(a, b)
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
}
