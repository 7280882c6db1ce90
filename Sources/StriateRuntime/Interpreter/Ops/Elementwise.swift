import StriateCore
import StriateIR

func unary(_ rule: Unary, _ arguments: Arguments) -> Value {
  .reals(arguments.reals(0).map { rule.kind.apply($0) })
}

func binary(_ rule: Binary, _ arguments: Arguments) -> Value {
  if case .integers(let a) = arguments.values[0], case .integers(let b) = arguments.values[1] {
    let dtype = arguments.results[0].dtype
    if rule.kind == .power {
      return .integers(
        zip(a, b).map { Value.whole(rule.kind.apply(Double($0), Double($1)), dtype) })
    }
    return .integers(zip(a, b).map { Value.wrapped(rule.kind.apply($0, $1), dtype) })
  }
  let (a, b) = (arguments.reals(0), arguments.reals(1))
  return .reals(filled(a.count) { y in for i in a.indices { y[i] = rule.kind.apply(a[i], b[i]) } })
}

extension Binary.Kind {
  /// The function on two whole numbers: sums and products wrap, quotients truncate, `x / 0` and the rest are 0.
  func apply(_ a: Int64, _ b: Int64) -> Int64 {
    switch self {
    case .add: a &+ b
    case .subtract: a &- b
    case .multiply: a &* b
    case .divide: b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
    case .maximum: max(a, b)
    case .minimum: min(a, b)
    case .power: Int64(fromDouble: apply(Double(a), Double(b)))
    case .gate: a > 0 ? b : 0
    case .remainder: flooredRemainder(a, b)
    }
  }

  private func flooredRemainder(_ a: Int64, _ b: Int64) -> Int64 {
    let rest = b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
}

func compare(_ rule: Compare, _ arguments: Arguments) -> Value {
  if case .integers(let a) = arguments.values[0], case .integers(let b) = arguments.values[1] {
    return .booleans(
      zip(a, b).map { a, b in
        switch rule.kind {
        case .less: a < b
        case .equal: a == b
        case .greater: a > b
        }
      })
  }
  return .booleans(
    zip(arguments.reals(0), arguments.reals(1)).map { rule.kind.apply($0, $1) })
}

func select(_ arguments: Arguments) -> Value {
  let condition = arguments.values[0].booleans
  func choose<T>(_ a: [T], _ b: [T]) -> [T] {
    condition.indices.map { condition[$0] ? a[$0] : b[$0] }
  }
  return switch (arguments.values[1], arguments.values[2]) {
  case (.reals(let a), .reals(let b)): .reals(choose(a, b))
  case (.integers(let a), .integers(let b)): .integers(choose(a, b))
  case (let a, let b): .booleans(choose(a.booleans, b.booleans))
  }
}

/// Whole numbers truncate towards zero and saturate, NaN becomes 0; between whole numbers they wrap.
func convert(_ rule: Convert, _ arguments: Arguments) -> Value {
  let value = arguments.values[0]
  switch rule.dtype {
  case .float32, .float64: return .reals(value.reals)  // the walk rounds to its scalar
  case .bool: return .booleans(value.booleans)
  case .int32, .int64, .uint8, .int8:
    if case .reals(let values) = value {
      return .integers(values.map { Value.whole($0, rule.dtype) })
    }
    return .integers(value.integers.map { Value.wrapped($0, rule.dtype) })
  }
}
