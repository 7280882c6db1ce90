import StriateCore
import StriateIR

/// Numbers written in 8 bits, per tensor and per channel, and a user's op.
let quantizationCases: [OpCase] =
  ([
    ("signed", Quantization(scale: 0.02)),
    ("unsigned", Quantization(scale: 0.013, zeroPoint: 120, dtype: .uint8)),
    ("narrow", Quantization(scale: 0.25, zeroPoint: 1, range: -7...7)),
    (
      "channels",
      Quantization(
        scale: (0..<17).map { 0.01 + 0.003 * Double($0) },
        zeroPoint: (0..<17).map { $0 - 8 }, axis: 1)
    ),
  ] as [(String, Quantization)]).flatMap { name, how in
    [
      OpCase("quantize \(name)", .uniform([3, 17, 2], -3...3), isDifferentiable: false) {
        $0[0].quantized(how)
      },
      OpCase("dequantize \(name)", CaseInput(TensorType(how.dtype, [3, 17, 2]), .whole(128))) {
        $0[0].dequantized(how)
      },
      OpCase("fake quantize \(name)", .uniform([3, 17, 2], -3...3), isDifferentiable: false) {
        $0[0].fakeQuantized(how)
      },
    ]
  } + [
    OpCase("quantize a number", .uniform([], -1...1), isDifferentiable: false) {
      $0[0].quantized(Quantization(scale: 0.1))
    },
    OpCase("quantize halves", .indices([40], below: 40), isDifferentiable: false) {
      ($0[0].converted(to: .float32) - 20.0).quantized(Quantization(scale: 2))
    },
    OpCase("stop gradient", .normal([3, 5]), .normal([3, 5]), isDifferentiable: false) {
      $0[0] * stopGradient($0[1])
    },
    OpCase("straight through", .normal([3, 5]), isDifferentiable: false) {
      straightThrough(round($0[0]), gradientTo: $0[0])
    },
    OpCase("custom op", [.normal([3, 17]), .normal([3, 17])]) { builder, x in
      builder.custom(ScaledSum(scale: 0.5), [tanh(x[0]), x[1]])
    },
  ]
