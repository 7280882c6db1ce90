import StriateCore
import StriateIR

/// Every reduction over first, last, middle, several and all axes.
let reductionCases: [OpCase] =
  Reduce.Kind.allCases.flatMap { kind in
    [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2], []].map { axes in
      OpCase(
        "reduce \(kind.rawValue) over \(axes)", .distinct([3, 4, 5]),
        isMultilinear: kind == .sum || kind == .mean
      ) { x in
        x[0].builder.one(.reduce(Reduce(kind, axes: axes, keepsAxes: axes.count == 1)), x[0])
      }
    }
  } + [
    OpCase("mean over space", .normal([2, 5, 7, 3]), isMultilinear: true) {
      $0[0].mean(over: [2, 3])
    },
    OpCase("sum over batch and space", .normal([3, 2, 5, 4]), isMultilinear: true) {
      $0[0].sum(over: [0, 2, 3])
    },
    OpCase("sum of a scalar", .normal([]), isMultilinear: true) { $0[0].sum() },
    OpCase("sum of nothing", .normal([0, 3]), isMultilinear: true) { $0[0].sum(over: [0]) },
  ]
  + (0..<3).map { axis in
    OpCase("arg max over \(axis)", .distinct([4, 3, 6]), isDifferentiable: false) {
      $0[0].argMax(axis: axis)
    }
  }

/// Matrix products with every combination of flags, plain and batched.
let matmulCases: [OpCase] =
  [false, true].flatMap { left in
    [false, true].flatMap { right in
      [[], [3], [2, 2]].map { lead in
        OpCase(
          "matmul \(left ? "transposed" : "plain") \(right ? "transposed" : "plain") \(lead)",
          .normal(Shape(lead + (left ? [5, 4] : [4, 5]))),
          .normal(Shape(lead + (right ? [3, 5] : [5, 3]))),
          isMultilinear: true
        ) { matmul($0[0], $0[1], transposingLeft: left, transposingRight: right) }
      }
    }
  } + [
    OpCase("matmul by a row", .normal([1, 33]), .normal([17, 33]), isMultilinear: true) {
      matmul($0[0], $0[1], transposingRight: true)
    },
    OpCase("linear", .normal([6, 20]), .normal([10, 20]), .normal([10]), isMultilinear: true) {
      matmul($0[0], $0[1], transposingRight: true) + $0[2]
    },
  ]
