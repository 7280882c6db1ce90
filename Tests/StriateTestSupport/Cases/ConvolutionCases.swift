import StriateCore
import StriateIR

/// Convolutions over one, two and three spatial axes, and their two gradients used as ops.
public let convolutionCases: [OpCase] =
  plainConvolutions + transposedConvolutions + [
    OpCase(
      "convolution + bias + relu", .normal([2, 3, 7, 7]), .normal([5, 3, 3, 3]), .normal([5])
    ) { x in
      let y = convolution(x[0], x[1], padLow: [1, 1])
      return relu(y + x[2].alongChannels(like: y))
    },
    OpCase(
      "dilated depthwise convolution + bias + relu", .normal([2, 6, 9, 7]), .normal([12, 1, 3, 3]),
      .normal([12])
    ) { x in
      let y = convolution(x[0], x[1], padLow: [2, 1], dilation: [2, 2], groups: 6)
      return relu(y + x[2].alongChannels(like: y))
    },
    OpCase(
      "convolution backward input", .normal([2, 4, 3, 3]), .normal([4, 2, 3, 3]),
      isMultilinear: true
    ) { x in
      let rule = Convolution(Window(kernel: [3, 3], stride: [2, 2], padLow: [1, 1]))
      let op = ConvolutionBackwardInput(rule, spatial: [6, 5])
      return x[0].builder.one(.convolutionBackwardInput(op), x[0], x[1])
    },
    OpCase(
      "convolution backward filter", .normal([2, 4, 7, 6]), .normal([2, 6, 4, 3]),
      isMultilinear: true
    ) { x in
      let rule = Convolution(
        Window(kernel: [3, 2], stride: [2, 2], padLow: [1, 0], padHigh: [1, 0]), groups: 2)
      return x[0].builder.one(
        .convolutionBackwardFilter(ConvolutionBackwardFilter(rule)), x[0], x[1])
    },
  ]

private let plainConvolutions: [OpCase] = [
  made("1x1", [2, 5, 4, 4], [7, 5, 1, 1]),
  made("1x1 stride 2", [1, 3, 5, 5], [4, 3, 1, 1], stride: [2, 2]),
  made("3x3", [2, 3, 6, 5], [4, 3, 3, 3]),
  made("3x3 same", [2, 3, 5, 7], [17, 3, 3, 3], low: [1, 1]),
  made("3x3 stride 2", [2, 4, 7, 8], [5, 4, 3, 3], stride: [2, 2], low: [1, 1]),
  made("5x5 of one channel", [3, 1, 9, 9], [6, 1, 5, 5]),
  made("7x7 stride 2", [1, 3, 15, 13], [4, 3, 7, 7], stride: [2, 2], low: [3, 3]),
  made("kernel smaller than stride", [1, 2, 9, 9], [3, 2, 2, 2], stride: [3, 3]),
  made("asymmetric padding", [2, 2, 5, 6], [3, 2, 3, 4], low: [0, 2], high: [2, 1]),
  made("unread border", [1, 2, 8, 8], [3, 2, 3, 3], stride: [3, 3]),
  made("dilation", [1, 3, 9, 10], [4, 3, 3, 3], low: [2, 2], dilation: [2, 3]),
  made("groups", [2, 6, 5, 5], [9, 2, 3, 3], low: [1, 1], groups: 3),
  made("depthwise", [2, 5, 6, 6], [5, 1, 3, 3], low: [1, 1], groups: 5),
  made(
    "depthwise stride 2", [1, 8, 7, 7], [8, 1, 3, 3], stride: [2, 2], low: [1, 1], groups: 8),
  made("depthwise with multiplier", [1, 3, 5, 5], [6, 1, 3, 3], groups: 3),
  made("whole image", [4, 3, 4, 5], [8, 3, 4, 5]),
  made("one pixel", [1, 2, 1, 1], [3, 2, 3, 3], low: [1, 1]),
  made("16 channels", [1, 16, 6, 6], [32, 16, 3, 3], low: [1, 1]),
  made(
    "strides, dilation, groups and uneven padding", [2, 6, 9, 11], [4, 3, 3, 2], stride: [2, 3],
    low: [1, 2], high: [2, 0], dilation: [2, 3], groups: 2),
  made("11x11 stride 4", [1, 3, 23, 19], [5, 3, 11, 11], stride: [4, 4], low: [2, 2]),
  made(
    "dilated depthwise", [2, 17, 8, 7], [17, 1, 3, 3], low: [2, 2], dilation: [2, 2], groups: 17),
  made("groups of one input channel", [2, 3, 6, 6], [12, 1, 3, 3], low: [1, 1], groups: 3),
  made("depthwise 5x5", [2, 5, 9, 11], [5, 1, 5, 5], low: [2, 2], groups: 5),
  made(
    "depthwise 5x5 stride 2", [1, 17, 9, 8], [17, 1, 5, 5], stride: [2, 2], low: [2, 2], groups: 17),
  made("no images", [0, 3, 5, 5], [4, 3, 3, 3]),
  made("1-d", [2, 3, 11], [4, 3, 4], stride: [2], low: [1], high: [2]),
  made("1-d dilation", [1, 2, 13], [3, 2, 3], dilation: [4]),
  made("1-d depthwise", [2, 4, 9], [4, 1, 5], low: [2], groups: 4),
  made("3-d", [1, 2, 4, 5, 3], [3, 2, 2, 3, 2]),
  made("3-d strided", [1, 2, 5, 6, 7], [4, 2, 3, 3, 3], stride: [2, 1, 2], low: [1, 1, 1]),
  made(
    "3-d everything", [2, 4, 6, 5, 6], [6, 2, 2, 3, 2], stride: [2, 1, 3], low: [1, 0, 2],
    high: [0, 2, 1], dilation: [2, 1, 2], groups: 2),
]

private func made(
  _ name: String, _ x: Shape, _ w: Shape, stride: [Int]? = nil, low: [Int]? = nil,
  high: [Int]? = nil, dilation: [Int]? = nil, groups: Int = 1
) -> OpCase {
  OpCase("convolution \(name)", .normal(x), .normal(w), isMultilinear: true) {
    convolution(
      $0[0], $0[1], stride: stride, padLow: low, padHigh: high, dilation: dilation, groups: groups)
  }
}

private let transposedConvolutions: [OpCase] = [
  transposed("2-d", [2, 3, 4, 5], [3, 4, 3, 3]),
  transposed("stride 2", [1, 3, 4, 3], [3, 5, 4, 4], stride: [2, 2], low: [1, 1]),
  transposed(
    "output padding", [2, 4, 3, 4], [4, 3, 3, 3], stride: [2, 3], low: [1, 1], extra: [1, 2]),
  transposed(
    "output padding beyond the stride", [1, 2, 4, 4], [2, 3, 3, 3], low: [1, 0], extra: [1, 2],
    dilation: [2, 3]),
  transposed("groups", [2, 6, 3, 3], [6, 2, 3, 2], stride: [2, 1], groups: 3),
  transposed("depthwise", [1, 5, 4, 4], [5, 1, 4, 4], stride: [2, 2], low: [1, 1], groups: 5),
  transposed("one pixel", [1, 17, 1, 1], [17, 3, 4, 4]),
  transposed("kernel smaller than stride", [1, 2, 3, 3], [2, 3, 2, 2], stride: [3, 3]),
  transposed(
    "asymmetric padding", [2, 3, 5, 5], [3, 2, 3, 3], stride: [2, 2], low: [0, 2], high: [1, 0]),
  transposed("1-d", [2, 3, 5], [3, 4, 4], stride: [2], low: [1], extra: [1]),
  transposed(
    "3-d everything", [2, 4, 3, 2, 3], [4, 3, 2, 3, 2], stride: [2, 1, 3], low: [1, 0, 2],
    high: [0, 1, 1], extra: [1, 0, 2], dilation: [2, 2, 1], groups: 2),
]

private func transposed(
  _ name: String, _ x: Shape, _ w: Shape, stride: [Int]? = nil, low: [Int]? = nil,
  high: [Int]? = nil, extra: [Int]? = nil, dilation: [Int]? = nil, groups: Int = 1
) -> OpCase {
  OpCase("transposed convolution \(name)", .normal(x), .normal(w), isMultilinear: true) {
    convolutionTransposed(
      $0[0], $0[1], stride: stride, padLow: low, padHigh: high, outputPadding: extra,
      dilation: dilation, groups: groups)
  }
}
