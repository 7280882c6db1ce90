import StriateCore
import StriateIR

/// Batch normalisation, alone and with what follows it.
let normalizationCases: [OpCase] =
  ([[6, 4], [3, 5, 4], [2, 3, 4, 5], [4, 17, 3, 3], [2, 2, 2, 3, 2]] as [Shape]).map { shape in
    OpCase(
      "batch norm \(shape)",
      [.normal(shape), .uniform([shape[1]], 0.5...1.5), .normal([shape[1]])]
    ) { _, x in
      let (y, mean, variance) = batchNorm(x[0], scale: x[1], shift: x[2], epsilon: 1e-5)
      return [y, mean, variance]
    }
  } + [
    OpCase(
      "batch norm + relu", .normal([3, 4, 5, 5]), .uniform([4], 0.5...1.5), .normal([4])
    ) { relu(batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-3).y) },
    OpCase(
      "batch norm + add + relu", .normal([3, 4, 5, 5]), .uniform([4], 0.5...1.5), .normal([4]),
      .normal([3, 4, 5, 5])
    ) { relu(batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-5).y + $0[3]) },
    OpCase(
      "batch norm + relu of concatenated channels", .normal([3, 12, 5, 5]), .normal([3, 25, 5, 5]),
      .uniform([37], 0.5...1.5), .normal([37])
    ) { x in
      let joined = concat([x[0], x[1]], axis: 1) ?? x[0]
      let y = relu(batchNorm(joined, scale: x[2], shift: x[3], epsilon: 1e-5).y)
      return concat([joined, y], axis: 1) ?? y
    },
    OpCase(
      "frozen batch norm", .normal([2, 3, 4, 4]), .normal([3]), .normal([3]), .normal([3]),
      .uniform([3], 0.5...2)
    ) { x in
      let factor = x[1] * rsqrt(x[4] + 1e-5)
      return x[0] * factor.alongChannels(like: x[0])
        + (x[2] - x[3] * factor).alongChannels(like: x[0])
    },
  ]

/// Softmax over every axis, and the loss over it.
let softmaxCases: [OpCase] =
  (0..<3).flatMap { axis in
    [
      OpCase("softmax over \(axis)", .normal([3, 4, 5])) { softmax($0[0], axis: axis) },
      OpCase("log softmax over \(axis)", .normal([3, 4, 5])) { logSoftmax($0[0], axis: axis) },
    ]
  }
  + [0, 0.1].map { smoothing in
    OpCase("cross entropy smoothing \(smoothing)", .normal([5, 7]), .labels(5, classes: 7)) {
      crossEntropy($0[0], labels: $0[1], smoothing: smoothing)
    }
  } + [
    OpCase("cross entropy ignoring", .normal([17, 5]), .labels(17, classes: 5)) {
      crossEntropy($0[0], labels: $0[1], ignoring: 2)
    },
    OpCase("cross entropy ignoring no class", .normal([9, 4]), .labels(9, classes: 4)) {
      crossEntropy($0[0], labels: $0[1] - 1, smoothing: 0.1, ignoring: -1)
    },
    OpCase(
      "cross entropy per pixel", .normal([2, 3, 4, 5]),
      CaseInput(TensorType(.int32, [2, 4, 5]), .whole(3))
    ) { crossEntropy($0[0], labels: $0[1], ignoring: 1) },
    OpCase("softmax of channels", .normal([2, 17, 3, 3])) { softmax($0[0], axis: 1) },
    OpCase("log softmax of channels", .normal([2, 17, 3, 3])) { logSoftmax($0[0], axis: 1) },
    OpCase("softmax of one", .normal([3, 1])) { softmax($0[0]) },
    OpCase("mean cross entropy", .normal([6, 10]), .labels(6, classes: 10)) {
      crossEntropy($0[0], labels: $0[1]).mean()
    },
    OpCase("cross entropy of wide logits", .uniform([4, 3], -80...80), .labels(4, classes: 3)) {
      crossEntropy($0[0], labels: $0[1], smoothing: 0.1)
    },
  ]
