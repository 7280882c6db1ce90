import StriateCore
import StriateIR

/// Reversals, rolls, tiles, splits, paddings by mode, and what else is composed of movements.
let arrangementCases: [OpCase] =
  [[0], [1], [2], [0, 2], [0, 1, 2], []].map { axes in
    moved("reverse \(axes)", [3, 4, 5]) { $0.reversed(axes: axes) }
  } + [
    moved("reverse one row", [1, 17]) { $0.reversed(axes: [-1]) },
    moved("reverse nothing", [0, 3]) { $0.reversed(axes: [0]) },
    moved("tile", [2, 3]) { $0.tiled([2, 2]) },
    moved("tile new axes", [3]) { $0.tiled([2, 1, 4]) },
    moved("tile many axes", [2, 1, 2, 3, 2]) { $0.tiled([2, 3, 1, 2, 2]) },
    moved("repeat", [2, 3]) { $0.repeated(3, axis: -1) },
    moved("repeat rows", [3, 17]) { $0.repeated(2, axis: 0) },
    moved("roll", [4, 5]) { $0.rolled(by: 2, axis: 1) },
    moved("roll back", [4, 5]) { $0.rolled(by: -7, axis: 0) },
    moved("expand and squeeze", [3, 1, 4]) { $0.expandingDims(at: -1).squeezed(axes: [1]) },
    moved("swap axes", [2, 3, 4]) { $0.swappingAxes(0, -1) },
    moved("permute", [2, 3, 4]) { $0.permuted(-1, 0, 1) },
    moved("stack", [2, 3]) { x in stack([x, x * 2.0, x], axis: 1) ?? x },
    OpCase("split", [.normal([2, 7])], isMultilinear: true) { _, x in
      x[0].split(axis: 1, sizes: [1, 4, 2])
    },
    OpCase("split equally", [.normal([6, 2])], isMultilinear: true) { _, x in
      x[0].split(axis: 0, into: 3)
    },
    moved("transpose many axes", [2, 1, 3, 2, 2, 2, 1, 2, 2, 3, 2]) {
      $0.transposed([10, 8, 6, 4, 2, 0, 1, 3, 5, 7, 9])
    },
    OpCase("reverse booleans", .normal([3, 5]), isDifferentiable: false) {
      ($0[0] .> 0.0).reversed(axes: [0, 1])
    },
    OpCase("pad booleans", .normal([3, 5]), isDifferentiable: false) {
      ($0[0] .> 0.0).padded(low: [1, 0], high: [0, 3], value: 1)
    },
    OpCase("pad bytes", CaseInput(TensorType(.uint8, [3, 5]), .whole(256))) {
      $0[0].padded(low: [1, 2], high: [0, 3], value: 200)
    },
    OpCase("pad whole numbers", .indices([3, 5], below: 50)) {
      $0[0].padded(low: [1, 2], high: [0, 3], value: -7)
    },
  ]
  + ([.reflect, .replicate, .circular] as [PadMode]).flatMap { mode in
    [
      moved("pad \(mode)", [2, 3, 5, 4]) {
        $0.padded(low: [0, 0, 2, 3], high: [0, 0, 1, 0], mode: mode)
      },
      moved("pad \(mode) one axis", [17]) { $0.padded(low: [0], high: [16], mode: mode) },
    ]
  }

private func moved(
  _ name: String, _ shape: Shape, _ body: @escaping @Sendable (Tensor) -> Tensor
) -> OpCase {
  OpCase(name, .normal(shape), isMultilinear: true) { body($0[0]) }
}

/// Booleans combined, and what comparisons compose.
let logicCases: [OpCase] = [
  logic("and") { $0 .& $1 }, logic("or") { $0 .| $1 }, logic("xor") { $0 .^ $1 },
  logic("not") { a, _ in .!a },
  OpCase("at least", .indices([17], below: 3), .indices([17], below: 3)) { $0[0] .>= $0[1] },
  OpCase("at most", .indices([17], below: 3), .indices([17], below: 3)) { $0[0] .<= $0[1] },
  OpCase("differs", .indices([17], below: 3), .indices([17], below: 3)) { $0[0] .!= $0[1] },
  OpCase("clamp", .awayFromZero([3, 17])) { clamp($0[0], -0.6, 1.1) },
  OpCase("bernoulli", .normal([5, 7]), isMultilinear: true) { x in
    select(x[0].builder.bernoulli(0.3, x[0].shape), x[0], 0.0)
  },
  OpCase("remainder of either sign", .awayFromZero([40]), .awayFromZero([40], by: 2)) {
    remainder($0[0], $0[1])
  },
  OpCase("sines of great numbers", .uniform([50], -1e6...1e6), isDifferentiable: false) {
    sin($0[0]) + cos($0[0]) * 2.0
  },
  OpCase("round halves to even", .indices([40], below: 20), isDifferentiable: false) {
    round($0[0].converted(to: .float32) * 0.5 - 4.0)
  },
]

private func logic(
  _ name: String, _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
) -> OpCase {
  OpCase(name, .normal([4, 17]), .normal([4, 17]), isDifferentiable: false) {
    body($0[0] .> 0.0, $0[1] .> 0.3)
  }
}

/// Arithmetic on whole numbers, zeros among the divisors, and conversions between element types.
let integerCases: [OpCase] =
  Binary.Kind.allCases.map { kind in
    OpCase("whole \(kind.rawValue)", .indices([67], below: 50), .indices([67], below: 9)) { x in
      x[0].builder.one(.binary(Binary(kind)), x[0] - 25, x[1] - 4)
    }
  }
  + Compare.Kind.allCases.map { kind in
    OpCase("whole compare \(kind.rawValue)", .indices([33], below: 4), .indices([33], below: 4)) {
      x in x[0].builder.one(.compare(Compare(kind)), x[0], x[1])
    }
  }
  + DType.allCases.flatMap { from in
    DType.allCases.map { to in
      OpCase(
        "convert \(from) to \(to)", CaseInput(TensorType(from, [37]), .uniform(-300...300)),
        isDifferentiable: false
      ) { $0[0].converted(to: to) }
    }
  } + [
    OpCase("select booleans", .normal([17]), isDifferentiable: false) {
      select($0[0] .> 0.0, $0[0] .< 1.0, $0[0] .> -1.0)
    },
    OpCase("convert great numbers", .uniform([37], -1e10...1e10), isDifferentiable: false) {
      $0[0].converted(to: .int32)
    },
  ]
