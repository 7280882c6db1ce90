import StriateCore
import StriateIR

extension EngineProbe {
  /// What is tried on a device, by families.
  static let all: [EngineProbe] =
    convolutions + poolings + norms + products + reductions + pointwise + resizings + movements
    + indexings + others

  private static let convolutions: [EngineProbe] = [
    .init(.convolution, "1-d", [2, 8, 33], [12, 8, 3]) { convolution($0[0], $0[1]) },
    .init(.convolution, "2-d", [2, 16, 12, 12], [16, 16, 3, 3]) {
      convolution($0[0], $0[1], padLow: [1, 1])
    },
    .init(.convolution, "2-d, odd channels", [2, 3, 13, 11], [5, 3, 3, 3]) {
      convolution($0[0], $0[1])
    },
    .init(.convolution, "2-d, stride 2", [2, 3, 17, 17], [8, 3, 5, 5]) {
      convolution($0[0], $0[1], stride: [2, 2], padLow: [2, 2])
    },
    .init(.convolution, "2-d, 1×1", [2, 24, 7, 7], [16, 24, 1, 1]) { convolution($0[0], $0[1]) },
    .init(.convolution, "2-d, padded unevenly", [2, 4, 9, 9], [6, 4, 2, 3]) {
      convolution($0[0], $0[1], padLow: [0, 1], padHigh: [1, 2])
    },
    .init(.convolution, "2-d, dilated", [2, 16, 15, 15], [16, 16, 3, 3]) {
      convolution($0[0], $0[1], padLow: [2, 2], dilation: [2, 2])
    },
    .init(.convolution, "2-d, grouped", [2, 16, 9, 9], [32, 4, 3, 3]) {
      convolution($0[0], $0[1], groups: 4)
    },
    .init(.convolution, "2-d, depthwise", [2, 24, 14, 14], [24, 1, 3, 3]) {
      convolution($0[0], $0[1], padLow: [1, 1], groups: 24)
    },
    .init(.convolution, "1-d, depthwise", [2, 12, 30], [12, 1, 5]) {
      convolution($0[0], $0[1], groups: 12)
    },
    .init(.convolution, "transposed", [2, 8, 7, 7], [8, 6, 4, 4]) {
      convolutionTransposed($0[0], $0[1], stride: [2, 2], padLow: [1, 1])
    },
    .init(.convolution, "transposed, 1-d, grouped", [2, 8, 9], [8, 2, 3]) {
      convolutionTransposed($0[0], $0[1], stride: [2], groups: 4)
    },
    .init(.convolution, "of a batch of one", [1, 3, 32, 32], [16, 3, 3, 3]) {
      convolution($0[0], $0[1], padLow: [1, 1])
    },
  ]

  private static let poolings: [EngineProbe] = [
    .init(.pooling, "maximum", [2, 16, 12, 12]) { maxPool($0[0], kernel: [2, 2]) },
    .init(.pooling, "maximum, padded, overlapping", [2, 5, 13, 13]) {
      maxPool($0[0], kernel: [3, 3], stride: [2, 2], padding: [1, 1], ceil: true)
    },
    .init(.pooling, "maximum, 1-d", [2, 6, 21]) { maxPool($0[0], kernel: [3]) },
    .init(.pooling, "maximum, dilated", [2, 8, 11, 11]) {
      maxPool($0[0], kernel: [3, 3], stride: [1, 1], dilation: [2, 2])
    },
    .init(.pooling, "maximum with positions", [2, 6, 10, 10]) {
      maxPoolWithIndices($0[0], kernel: [2, 2]).y
    },
    .init(.pooling, "unpooling", [2, 6, 10, 10]) {
      let (y, indices) = maxPoolWithIndices($0[0], kernel: [2, 2])
      return maxUnpool(y, indices: indices, spatial: [10, 10])
    },
    .init(.pooling, "mean", [2, 16, 12, 12]) { averagePool($0[0], kernel: [2, 2]) },
    .init(.pooling, "mean, padded, in ceil mode", [2, 5, 12, 12]) {
      averagePool($0[0], kernel: [3, 3], stride: [2, 2], padding: [1, 1], ceil: true)
    },
    .init(.pooling, "mean without padding", [2, 5, 12, 12]) {
      averagePool($0[0], kernel: [3, 3], stride: [2, 2], padding: [1, 1], countsPadding: false)
    },
    .init(.pooling, "mean, 1-d", [2, 6, 21]) { averagePool($0[0], kernel: [3]) },
    .init(.pooling, "mean, global", [2, 20, 7, 7]) { globalAveragePool($0[0]) },
    .init(.pooling, "mean, adaptive, unequal windows", [2, 6, 11, 7]) {
      adaptiveAveragePool($0[0], size: [4, 3])
    },
    .init(.pooling, "maximum, adaptive, unequal windows", [2, 6, 11, 7]) {
      adaptiveMaxPool($0[0], size: [4, 3])
    },
    .init(.pooling, "Lp norm", [2, 6, 12, 12]) { lpPool($0[0], power: 2, kernel: [2, 2]) },
  ]

  private static let norms: [EngineProbe] = [
    .init(.norm, "batch", [4, 16, 8, 8], [16], [16]) {
      batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-5).y
    },
    .init(.norm, "batch, then ReLU", [4, 5, 8, 8], [5], [5]) {
      relu(batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-5).y)
    },
    .init(.norm, "batch, 1-d", [4, 6, 20], [6], [6]) {
      batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-5).y
    },
    .init(.norm, "batch, of vectors", [16, 10], [10], [10]) {
      batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-5).y
    },
    .init(.norm, "layer", [4, 7, 24], [24], [24]) { layerNorm($0[0], scale: $0[1], shift: $0[2]) },
    .init(.norm, "group", [4, 12, 6, 6], [12], [12]) {
      groupNorm($0[0], groups: 3, scale: $0[1], shift: $0[2])
    },
    .init(.norm, "instance", [4, 6, 9, 9]) { instanceNorm($0[0]) },
    .init(.norm, "local response", [2, 16, 9, 9]) { localResponse($0[0], size: 5) },
  ]

  private static let products: [EngineProbe] = [
    .init(.matmul, "matrices", [8, 20], [20, 12]) { matmul($0[0], $0[1]) },
    .init(.matmul, "a linear layer", [8, 20], [12, 20], [12]) {
      relu(matmul($0[0], $0[1], transposingRight: true) + $0[2])
    },
    .init(.matmul, "batches of matrices", [3, 6, 10], [3, 10, 5]) { matmul($0[0], $0[1]) },
    .init(.matmul, "attention", [2, 4, 9, 8], [2, 4, 9, 8]) {
      softmax(matmul($0[0], $0[1], transposingRight: true))
    },
    .init(.softmax, "of rows", [8, 10]) { softmax($0[0]) },
    .init(.softmax, "of channels", [2, 5, 6, 6]) { softmax($0[0], axis: 1) },
    .init(.softmax, "logarithm", [8, 10]) { logSoftmax($0[0]) },
    .init(
      .loss, "cross-entropy",
      types: [TensorType(.float32, [8, 10]), TensorType(.int32, [8])]
    ) { crossEntropy($0[0], labels: $0[1]) },
  ]

  private static let reductions: [EngineProbe] =
    Reduce.Kind.allCases.map { kind in
      .init(.reduction, kind.rawValue, [4, 6, 5, 7]) { x in
        x[0].builder.one(.reduce(Reduce(kind, axes: [1, 3])), x[0])
      }
    } + [
      .init(.reduction, "sum of all", [4, 6, 5]) { $0[0].sum() },
      .init(.reduction, "mean over space", [4, 16, 6, 6]) { $0[0].mean(over: [2, 3]) },
      .init(.reduction, "maximum of rows", [4, 30]) { $0[0].max(over: [1]) },
      .init(.reduction, "variance", [4, 30]) { $0[0].variance(over: [0]) },
      .init(.reduction, "logarithm of a sum of powers", [4, 30]) { $0[0].logSumExp(over: [1]) },
      .init(.reduction, "place of the maximum", [4, 30]) { $0[0].argMax(axis: 1) },
    ]

  private static let pointwise: [EngineProbe] =
    Unary.Kind.allCases.map { kind in
      .init(.pointwise, kind.rawValue, [3, 17]) { x in x[0].builder.one(.unary(Unary(kind)), x[0]) }
    }
    + Binary.Kind.allCases.map { kind in
      .init(.pointwise, kind.rawValue, [3, 17], [3, 17]) { x in
        x[0].builder.one(.binary(Binary(kind)), x[0], x[1])
      }
    } + [
      .init(.pointwise, "with repeated operands", [3, 8, 5, 5], [8, 1, 1]) { tanh($0[0] * $0[1]) },
      .init(.pointwise, "choice", [3, 17], [3, 17]) { select($0[0] .> $0[1], $0[0], $0[1] * 2.0) },
      .init(.pointwise, "logic", [3, 17], [3, 17]) { ($0[0] .> $0[1]) .& ($0[0] .> 0.0) },
      .init(.pointwise, "any", [3, 17]) { ($0[0] .> 0.0).any(over: [1]) },
    ]

  private static let resizings: [EngineProbe] =
    Resize.Mode.allCases.map { mode in
      .init(.resize, mode.rawValue, [2, 5, 9, 7]) { resize($0[0], size: [13, 5], mode: mode) }
    } + [
      .init(.resize, "linear, twice as large", [2, 5, 6, 6]) { resize($0[0], size: [12, 12]) },
      .init(.resize, "linear, corners aligned", [2, 5, 6, 6]) {
        resize($0[0], size: [11, 4], alignsCorners: true)
      },
      .init(.resize, "linear, antialiased", [2, 5, 16, 16]) {
        resize($0[0], size: [5, 6], antialiases: true)
      },
      .init(.resize, "linear, 1-d", [2, 5, 16]) { resize($0[0], size: [9]) },
    ]

  private static let movements: [EngineProbe] = [
    .init(.movement, "transpose", [3, 5, 7, 2]) { $0[0].transposed([2, 0, 3, 1]) },
    .init(.movement, "reshape", [3, 8, 2]) { tanh($0[0]).reshaped([4, 12]) },
    .init(.movement, "broadcast", [5, 1]) { $0[0].broadcast(to: [3, 5, 4]) },
    .init(.movement, "slice", [6, 9, 5]) { $0[0].slice(axis: 1, from: 1, to: 8, step: 3) },
    .init(.movement, "pad", [2, 3, 5, 5]) { $0[0].padded(low: [0, 1, 2, 0], high: [0, 0, 1, 3]) },
    .init(.movement, "pad by reflection", [2, 3, 6, 6]) {
      $0[0].padded(low: [0, 0, 2, 1], high: [0, 0, 1, 2], mode: .reflect)
    },
    .init(.movement, "concat of channels", [2, 3, 5, 5], [2, 4, 5, 5]) {
      concat([$0[0], tanh($0[1])], axis: 1) ?? $0[0]
    },
    .init(.movement, "stack", [4, 5], [4, 5]) { stack([$0[0], $0[1]]) ?? $0[0] },
    .init(.movement, "split", [4, 6]) { x in
      let parts = x[0].split(axis: 1, into: 2)
      return parts[0] * (parts.last ?? x[0])
    },
    .init(.movement, "reverse", [4, 6, 3]) { $0[0].reversed(axes: [1]) },
    .init(.movement, "tile", [4, 6]) { $0[0].tiled([2, 3]) },
    .init(.movement, "roll", [4, 6]) { $0[0].rolled(by: 2, axis: 1) },
  ]

  private static let indexings: [EngineProbe] = [
    .init(
      .indexing, "gather, as embeddings do",
      types: [TensorType(.float32, [30, 8]), TensorType(.int32, [4, 6])]
    ) { $0[0].gather($0[1]) },
    .init(
      .indexing, "gather along an axis",
      types: [TensorType(.float32, [4, 9]), TensorType(.int32, [4, 3])]
    ) { $0[0].gatherAlong($0[1], axis: 1) },
    .init(
      .indexing, "scatter",
      types: [TensorType(.float32, [6, 8]), TensorType(.int32, [6])]
    ) { $0[0].scatterAdd($0[1], extent: 11) },
    .init(.indexing, "one-hot", types: [TensorType(.int32, [6])]) { $0[0].oneHot(10) },
    .init(.sorting, "greatest five", [4, 40]) { $0[0].topK(5).values },
    .init(.sorting, "sort", [4, 40]) { $0[0].sorted().values },
    .init(.scan, "running sum", [4, 40]) { $0[0].cumulativeSum(axis: 1) },
  ]

  private static let others: [EngineProbe] = [
    .init(.random, "uniform", [64, 8]) { $0[0] * $0[0].builder.random(.uniform, [64, 8]) },
    .init(.random, "normal", [64, 8]) { $0[0] * $0[0].builder.random(.normal, [64, 8]) },
    .init(.quantization, "to 8 bits and back", [4, 16]) { x in
      x[0].fakeQuantized(Quantization(scale: 0.1))
    },
    .init(.types, "float64 arithmetic", types: [TensorType(.float64, [4, 6])]) { tanh($0[0]) },
    .init(
      .types, "float64 matmul",
      types: [TensorType(.float64, [4, 6]), TensorType(.float64, [6, 3])]
    ) { matmul($0[0], $0[1]) },
    .init(.types, "int32 arithmetic", types: [TensorType(.int32, [4, 6])]) { $0[0] * 2.0 + 1.0 },
    .init(.types, "int32 sum", types: [TensorType(.int32, [4, 6])]) { $0[0].sum(over: [1]) },
    .init(.types, "bytes to float32", types: [TensorType(.uint8, [4, 6])]) {
      $0[0].converted(to: .float32) * (1 / 255.0)
    },
  ]
}
