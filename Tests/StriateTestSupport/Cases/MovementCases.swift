import StriateCore
import StriateIR

/// Reshapes, transposes, broadcasts, slices, paddings, concatenations.
let movementCases: [OpCase] = [
  linear("reshape", [3, 4, 2]) { $0.reshaped([6, 4]) },
  linear("reshape with an open extent", [3, 4, 2]) { $0.reshaped([2, -1]) },
  linear("flatten", [2, 3, 2, 2]) { $0.flattened(from: 1) },
  linear("transpose 2-d", [4, 7]) { $0.transposed([1, 0]) },
  linear("transpose 3-d", [2, 3, 4]) { $0.transposed([2, 0, 1]) },
  linear("transpose to channels last", [2, 3, 4, 5]) { $0.transposed([0, 2, 3, 1]) },
  linear("transpose of nothing", [2, 3]) { $0.transposed([0, 1]) },
  linear("broadcast a scalar", []) { $0.broadcast(to: [2, 3]) },
  linear("broadcast rows", [3]) { $0.broadcast(to: [4, 3]) },
  linear("broadcast columns", [4, 1]) { $0.broadcast(to: [4, 3]) },
  linear("broadcast the middle", [2, 1, 3]) { $0.broadcast(to: [2, 5, 3]) },
  linear("broadcast channels", [3]) { $0.reshaped([1, 3, 1, 1]).broadcast(to: [2, 3, 4, 2]) },
  linear("slice", [6, 5]) { $0.slice(axis: 0, from: 1, to: 4) },
  linear("slice with step", [7, 5]) { $0.slice(axis: 0, from: 1, to: 6, step: 2) },
  linear("slice the last axis by 3", [2, 8]) { $0.slice(axis: -1, step: 3) },
  linear("slice to nothing", [3, 4]) { $0.slice(axis: 1, from: 2, to: 2) },
  linear("crop", [1, 2, 6, 6]) { $0.slice(axis: 2, from: 1, to: 5).slice(axis: 3, from: 2, to: 6) },
  linear("pad", [3, 4]) { $0.padded(low: [1, 0], high: [2, 3]) },
  linear("pad with a number", [2, 3]) { $0.padded(low: [0, 1], high: [1, 0], value: -1.5) },
  linear("pad inside", [3, 4]) { x in
    x.builder.one(.pad(Pad(low: [1, 0], high: [0, 2], interior: [2, 1])), x)
  },
  linear("pad images", [2, 3, 4, 4]) { $0.padded(low: [0, 0, 4, 4], high: [0, 0, 4, 4]) },
  OpCase("concat rows", .normal([2, 3]), .normal([1, 3]), isMultilinear: true) { joined($0, 0) },
  OpCase("concat columns", .normal([2, 3]), .normal([2, 2]), isMultilinear: true) { joined($0, 1) },
  OpCase(
    "concat channels", .normal([2, 3, 4, 4]), .normal([2, 5, 4, 4]), .normal([2, 1, 4, 4]),
    isMultilinear: true
  ) { joined($0, 1) },
  // Of whole blocks of channels, and of a last one that fills none; apart again at blocks and between them.
  OpCase(
    "concat and slices of convolutions", .normal([2, 5, 4, 3]), .normal([32, 5, 1, 1]),
    .normal([20, 5, 3, 3])
  ) { x in
    let both = joined(
      [convolution(x[0], x[1]), convolution(x[0], x[2], padLow: [1, 1], padHigh: [1, 1])], 1)
    func part(_ from: Int, _ to: Int) -> Tensor {
      both.slice(axis: 1, from: from, to: to)
    }
    return joined([square(part(16, 32)), part(32, 52), part(3, 20), part(0, 16)], 1)
  },
  OpCase("concat of one", .normal([2, 3]), isMultilinear: true) { joined($0, 0) },
  OpCase("concat with itself", .normal([2, 3]), isMultilinear: true) { joined([$0[0], $0[0]], 1) },
  OpCase("move whole numbers", .labels(12, classes: 100)) {
    $0[0].reshaped([3, 4]).transposed([1, 0]).padded(low: [1, 0], high: [0, 1], value: 7)
  },
]

private func linear(
  _ name: String, _ shape: Shape, _ body: @escaping @Sendable (Tensor) -> Tensor
) -> OpCase {
  OpCase(name, .normal(shape), isMultilinear: true) { body($0[0]) }
}

private func joined(_ tensors: [Tensor], _ axis: Int) -> Tensor {
  concat(tensors, axis: axis) ?? tensors[0]
}

/// Every op of every family, in small and awkward shapes.
public let allOpCases: [OpCase] =
  elementwiseCases + creationCases + reductionCases + matmulCases + convolutionCases + poolingCases
  + normalizationCases + softmaxCases + movementCases + standardizationCases + localResponseCases
  + resizeCases + arrangementCases + logicCases
  + integerCases + indexingCases + sortingCases + quantizationCases + quantizedConvolutionCases
