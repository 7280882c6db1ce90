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
    OpCase("arg min over \(axis)", .distinct([4, 3, 17]), isDifferentiable: false) {
      $0[0].argMin(axis: axis)
    }
  }
  + (0..<3).flatMap { axis in
    [false, true].map { reversed in
      OpCase(
        "cumulative sum over \(axis)\(reversed ? " reversed" : "")", .normal([3, 17, 5]),
        isMultilinear: true
      ) { $0[0].cumulativeSum(axis: axis, reversed: reversed) }
    }
  }
  + [
    OpCase("cumulative sum of columns", .normal([9, 70]), isMultilinear: true) {
      $0[0].cumulativeSum(axis: 0)
    },
    OpCase("cumulative sum of whole numbers", .labels(17, classes: 99)) {
      $0[0].cumulativeSum(axis: -1, reversed: true)
    },
    OpCase("cumulative sum of nothing", .normal([0, 3])) { $0[0].cumulativeSum(axis: 0) },
    OpCase("product with one zero", .zeros([4, 3], at: [4])) { $0[0].product(over: [0]) },
    OpCase("product with two zeros", .zeros([4, 3], at: [4, 7])) { $0[0].product(over: [0]) },
    OpCase("product of nothing", .normal([0, 3])) { $0[0].product(over: [0]) },
    OpCase("log-sum-exp", .uniform([3, 5, 2], -30...30)) { $0[0].logSumExp(over: [1]) },
    OpCase("log-sum-exp keeping axes", .normal([3, 5])) {
      $0[0].logSumExp(over: [-1], keepingAxes: true)
    },
    OpCase("log-sum-exp of all", .uniform([17], 600...700)) { $0[0].logSumExp() },
    OpCase("variance", .normal([3, 5, 2])) { $0[0].variance(over: [0, 2]) },
    OpCase("unbiased variance", .normal([3, 5, 2])) {
      $0[0].variance(over: [1], correction: 1, keepingAxes: true)
    },
    OpCase("standard deviation", .normal([4, 6])) { $0[0].standardDeviation(over: [1]) },
  ]
  + Reduce.Kind.allCases.filter { $0 != .mean }.flatMap { kind in
    [[0], [1], [0, 2], [0, 1, 2]].map { axes in
      OpCase(
        "reduce \(kind.rawValue) of whole numbers over \(axes)",
        CaseInput(TensorType(.int32, [3, 17, 2]), .whole(70000))
      ) { $0[0].builder.one(.reduce(Reduce(kind, axes: axes)), $0[0]) }
    }
  }
  + ([[0], [1], [0, 1]] as [[Int]]).flatMap { axes in
    [
      OpCase("any over \(axes)", .normal([5, 3]), isDifferentiable: false) {
        ($0[0] .> 1.0).any(over: axes)
      },
      OpCase("all over \(axes)", .normal([3, 2]), isDifferentiable: false) {
        ($0[0] .> -0.5).all(over: axes, keepingAxes: true)
      },
    ]
  }
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
