import StriateCore
import StriateIR

/// Every function of one and of two numbers, comparisons, choices, conversions.
let elementwiseCases: [OpCase] =
  Unary.Kind.allCases.map { kind in
    let input: CaseInput =
      switch kind {
      case .log, .sqrt, .rsqrt: .uniform([3, 5], 0.3...3)
      case .abs, .sign, .relu, .reciprocal: .awayFromZero([3, 5])
      case .floor, .ceil: .uniform([3, 5], 2.1...2.9)
      case .round: .uniform([3, 5], 2.6...3.4)
      case .log1p: .uniform([3, 5], -0.7...4)
      case .sin, .cos: .uniform([3, 17], -20...20)
      default: .normal([3, 5])
      }
    let isDifferentiable = ![.floor, .ceil, .round, .sign].contains(kind)
    return OpCase(kind.rawValue, input, isDifferentiable: isDifferentiable) { x in
      x[0].builder.one(.unary(Unary(kind)), x[0])
    }
  }
  + Binary.Kind.allCases.map { kind in
    let first: CaseInput =
      switch kind {
      case .power: .uniform([2, 7], 0.4...2)
      case .remainder: .uniform([2, 7], -1.4 ... -0.1)
      default: .awayFromZero([2, 7])
      }
    let second: CaseInput =
      switch kind {
      case .divide: .awayFromZero([2, 7])
      case .remainder: .uniform([2, 7], 1.5...2)
      default: .normal([2, 7])
      }
    let isLinear = [.add, .subtract, .multiply].contains(kind)
    return OpCase(kind.rawValue, first, second, isMultilinear: isLinear) { x in
      x[0].builder.one(.binary(Binary(kind)), x[0], x[1])
    }
  }
  + [
    OpCase("gate of the output", .normal([4, 9]), .normal([4, 9])) { gate(relu($0[0]), $0[1]) },
    OpCase("add broadcast row", .normal([4, 3]), .normal([3]), isMultilinear: true) {
      $0[0] + $0[1]
    },
    OpCase("multiply broadcast column", .normal([4, 1]), .normal([4, 3]), isMultilinear: true) {
      $0[0] * $0[1]
    },
    OpCase("subtract broadcast both", .normal([2, 1, 3]), .normal([4, 1]), isMultilinear: true) {
      $0[0] - $0[1]
    },
    OpCase("divide broadcast scalar", .normal([2, 3, 3]), .awayFromZero([])) { $0[0] / $0[1] },
    OpCase("divide by channels", .normal([2, 3, 2, 2]), .awayFromZero([3, 1, 1])) { $0[0] / $0[1] },
    OpCase("numbers beside a tensor", .awayFromZero([5])) { 2.0 / $0[0] - 1.5 * $0[0] + 3 },
    OpCase("maximum with a number", .awayFromZero([6])) { maximum($0[0], 0.1) },
    OpCase("power of a number", .uniform([6], 0.5...2)) { pow($0[0], 2.5) },
    OpCase("pointwise chain", .normal([3, 17])) { square(tanh($0[0]) + sigmoid($0[0])) * 0.5 },
    OpCase("equal", .labels(9, classes: 3), .labels(9, classes: 3)) { $0[0] .== $0[1] },
    OpCase("select", .normal([4, 5]), .normal([4, 5]), .normal([4, 5])) {
      select($0[0] .> 0.0, $0[1], $0[2])
    },
    OpCase("select broadcast", .normal([2, 3]), .normal([3]), .normal([2, 1])) {
      select($0[0] .< 0.0, $0[1], $0[2])
    },
    OpCase("select whole numbers", .normal([7]), .labels(7, classes: 9), .labels(7, classes: 9)) {
      select($0[0] .< 0.0, $0[1], $0[2])
    },
    OpCase("convert to whole numbers", .normal([11]), isDifferentiable: false) {
      $0[0].converted(to: .int32)
    },
    OpCase("convert to bytes", .uniform([11], -9...300), isDifferentiable: false) {
      $0[0].converted(to: .uint8)
    },
    OpCase("convert booleans", .normal([11]), isDifferentiable: false) {
      ($0[0] .> 0.0).converted(to: .float32)
    },
    OpCase("convert labels", .labels(8, classes: 5)) { $0[0].converted(to: .float32) },
    OpCase("whole numbers", .labels(8, classes: 50), .labels(8, classes: 9)) {
      ($0[0] + $0[1]) * $0[1] - $0[0]
    },
  ]
  + Compare.Kind.allCases.map { kind in
    OpCase(
      "compare \(kind.rawValue)", .normal([3, 4]), .normal([3, 4]), isDifferentiable: false
    ) { x in x[0].builder.one(.compare(Compare(kind)), x[0], x[1]) }
  }

/// Constants, fills and random draws.
let creationCases: [OpCase] = [
  OpCase("constant", .normal([3]), isMultilinear: true) { x in
    x[0] * x[0].builder.constant(HostTensor([Float(1), -2, 0.5]))
  },
  OpCase("fill", .normal([3]), isMultilinear: true) { x in
    x[0] * x[0].builder.fill(1.5, TensorType(.float32, [3]))
  },
  OpCase("random uniform", .normal([5, 7]), isMultilinear: true) { x in
    x[0] * x[0].builder.random(.uniform, [5, 7])
  },
  OpCase("random normal", .normal([5, 7]), isMultilinear: true) { x in
    x[0] * x[0].builder.random(.normal, [5, 7])
  },
  OpCase("dropout", .normal([6, 10]), isMultilinear: true) { x in
    select(x[0].builder.random(.uniform, x[0].shape) .< 0.5, x[0] * 2.0, 0.0)
  },
]
