import StriateCore
import StriateIR

/// Choices by index and their adjoints, over every axis, indices out of range among them.
let indexingCases: [OpCase] =
  (0..<3).flatMap { axis -> [OpCase] in
    let extent = [3, 17, 4][axis]
    var along: Shape = [3, 17, 4]
    along.dims[axis] = 6
    return [
      OpCase(
        "gather over \(axis)", .normal([3, 17, 4]), .indices([2, 5], below: extent),
        isMultilinear: true
      ) { $0[0].gather($0[1], axis: axis) },
      OpCase(
        "gather along \(axis)", .normal([3, 17, 4]), .indices(along, below: extent),
        isMultilinear: true
      ) { $0[0].gatherAlong($0[1], axis: axis) },
      OpCase(
        "scatter-add along \(axis)", .normal(along), .indices(along, below: extent + 2),
        isMultilinear: true
      ) { $0[0].scatterAddAlong($0[1], axis: axis, extent: extent) },
      OpCase(
        "scatter-add over \(axis)", .normal([3, 17, 4]),
        .indices([[3, 17, 4][axis]], below: 7), isMultilinear: true
      ) { $0[0].scatterAdd($0[1] - 1, axis: axis, extent: 5) },
    ]
  } + [
    OpCase("embedding", .normal([17, 5]), .indices([4, 3], below: 17), isMultilinear: true) {
      $0[0].gather($0[1])
    },
    OpCase("gather one number", .normal([9]), .indices([], below: 9), isMultilinear: true) {
      $0[0].gather($0[1])
    },
    OpCase("gather no rows", .normal([3, 2]), .indices([0], below: 3), isMultilinear: true) {
      $0[0].gather($0[1])
    },
    OpCase(
      "gather out of range", .normal([4, 3]), .indices([17], below: 7), isDifferentiable: false
    ) { $0[0].gather($0[1] - 2) },
    OpCase(
      "gather from nothing", .normal([0, 3]), .indices([5], below: 2), isDifferentiable: false
    ) { $0[0].gather($0[1]) },
    OpCase(
      "gather along out of range", .normal([3, 4]), .indices([3, 9], below: 7),
      isDifferentiable: false
    ) { $0[0].gatherAlong($0[1] - 2, axis: 1) },
    OpCase("gather whole numbers", .indices([5, 3], below: 99), .indices([17], below: 6)) {
      $0[0].gather($0[1])
    },
    OpCase("gather booleans", .normal([5, 3]), .indices([17], below: 6), isDifferentiable: false) {
      ($0[0] .> 0.0).gather($0[1])
    },
    OpCase("scatter-add whole numbers", .indices([17, 2], below: 99), .indices([17], below: 5)) {
      $0[0].scatterAdd($0[1], extent: 4)
    },
    OpCase(
      "scatter-add along of whole numbers", .indices([17, 2], below: 99),
      .indices([17, 2], below: 5)
    ) { $0[0].scatterAddAlong($0[1], axis: 0, extent: 4) },
    OpCase(
      "scatter-add in two axes", .normal([2, 3, 4]), .indices([2, 3], below: 5), isMultilinear: true
    ) { $0[0].scatterAdd($0[1], extent: 5) },
    OpCase("scatter-add of numbers", .normal([67]), .indices([67], below: 3), isMultilinear: true) {
      $0[0].scatterAdd($0[1], extent: 3)
    },
    OpCase("scatter-add into nothing", .normal([5, 2]), .indices([5], below: 3)) {
      $0[0].scatterAdd($0[1], extent: 0)
    },
    OpCase("one-hot", .indices([3, 4], below: 7)) { ($0[0] - 1).oneHot(5) },
    OpCase("iota", .normal([17])) { $0[0] * $0[0].builder.iota(17, dtype: .float32) },
    OpCase(
      "a large embedding", .normal([300, 64]), .indices([32, 16], below: 300), isMultilinear: true
    ) { $0[0].gather($0[1]) },
  ]

/// The first of lines in order, over every axis, ties and all lengths.
let sortingCases: [OpCase] =
  (0..<3).flatMap { axis in
    [false, true].map { least in
      OpCase("\(least ? "least" : "top") 2 over \(axis)", [.distinct([3, 17, 4])]) { _, x in
        let (values, indices) = x[0].topK(2, axis: axis, least: least)
        return [values, indices]
      }
    }
  } + [
    OpCase("sort", [.distinct([3, 17])]) { _, x in
      let (values, indices) = x[0].sorted()
      return [values, indices]
    },
    OpCase("sort descending", [.distinct([17, 3])]) { _, x in
      let (values, indices) = x[0].sorted(axis: 0, descending: true)
      return [values, indices]
    },
    OpCase("top 3 of equals", [.indices([4, 17], below: 3)], isDifferentiable: false) { _, x in
      let (values, indices) = x[0].converted(to: .float32).topK(3)
      return [values, indices]
    },
    OpCase("sort with NaN", [.indices([4, 17], below: 9)], isDifferentiable: false) { _, x in
      let number = x[0].converted(to: .float32) - 4.0
      let (values, indices) = log(number).sorted()
      return [values, indices]
    },
    OpCase("top 1 of one", [.distinct([5, 1])]) { _, x in [x[0].topK(1).values] },
    OpCase("top 0", [.distinct([5, 3])]) { _, x in [x[0].topK(0).values] },
    OpCase("top 4 of whole numbers", [.indices([3, 17], below: 5)]) { _, x in
      let (values, indices) = x[0].topK(4)
      return [values, indices]
    },
  ]
