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
@usableFromInline func libmTanh(_ x: Double) -> Double { tanh(x) }
@usableFromInline func libmPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
