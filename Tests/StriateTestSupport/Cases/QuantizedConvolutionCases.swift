import StriateCore
import StriateIR

/// One way to convolve 8-bit numbers.
struct QuantizedConvolutionCase {
  var name: String
  var x: Shape
  /// `[O, C/groups, …]`.
  var w: Shape
  var stride = 1
  var padding = 0
  var groups = 1
  var input = Quantization(scale: 1.0 / 64, dtype: .uint8)
  var output: Quantization? = Quantization(scale: 1.0 / 4)
  var residual: Quantization?
  var hasBias = true
  var relu = false
  /// Whether the filters are part of the program, else fed.
  var isConstant = true
  /// The scales of the filters; powers of two, so that single precision is exact.
  var filterScale: @Sendable (Int) -> Double = { $0 % 3 == 0 ? 1.0 / 32 : 1.0 / 128 }

  /// The case, fed with real numbers that are quantised first.
  var opCase: OpCase {
    let this = self
    let spatial = w.rank - 2
    let window =
      spatial == 0
      ? Window(kernel: [])
      : Window(
        kernel: Array(w.dims.dropFirst(2)), stride: [Int](repeating: stride, count: spatial),
        padLow: [Int](repeating: padding, count: spatial))
    let filter = Quantization(scale: (0..<w[0]).map(filterScale), axis: 0)
    let rule = QuantizedConvolution(
      Convolution(window, groups: groups), input: input, filter: filter, output: output,
      hasBias: hasBias, residual: residual, relu: relu)
    let type = TensorType(.float32, w)
    var inputs: [CaseInput] = [
      .uniform(x, -2...2), .uniform(w, -1...1), .indices([w[0]], below: 32),
    ]
    if residual != nil { inputs.append(.uniform(outputShape, -16...16)) }
    return OpCase("int8 \(name)", inputs, isDifferentiable: false) { builder, x in
      let weights =
        this.isConstant
        ? builder.constant(Self.pattern(type.shape)) : x[1].quantized(filter)
      let bias = (x[2].converted(to: .float32) - 16.0) * 0.25
      let y = quantizedConvolution(
        x[0].quantized(this.input), weights, bias: this.hasBias ? bias : nil,
        residual: this.residual.map { x[3].quantized($0) }, rule)
      return [y]
    }
  }

  private var outputShape: Shape {
    let spatial = zip(x.dims.dropFirst(2), w.dims.dropFirst(2)).map {
      ($0 + 2 * padding - $1) / stride + 1
    }
    return Shape([x[0], w[0]] + spatial)
  }

  /// Integers of either sign that look drawn.
  private static func pattern(_ shape: Shape) -> HostTensor {
    HostTensor(type: TensorType(.int8, shape)) { bytes in
      for index in bytes.indices {
        bytes[index] = UInt8(bitPattern: Int8(index &* 7919 % 255 - 127))
      }
    }
  }
}

private let residualTypes: [(String, Quantization)] = [
  ("u8", Quantization(scale: 1.0 / 8, dtype: .uint8)), ("s8", Quantization(scale: 1.0 / 8)),
]

/// Integer convolutions of every kind; scales are powers of two, so that every engine is exact.
let quantizedConvolutionCases: [OpCase] =
  ([
    .init(name: "convolution u8", x: [2, 8, 9, 7], w: [16, 8, 3, 3], padding: 1),
    .init(
      name: "convolution s8", x: [2, 8, 9, 7], w: [16, 8, 3, 3], padding: 1,
      input: Quantization(scale: 1.0 / 64)),
    .init(
      name: "convolution to f32", x: [1, 3, 12, 12], w: [6, 3, 5, 5], stride: 2, padding: 2,
      output: nil, relu: true),
    .init(
      name: "convolution relu u8", x: [2, 16, 6, 6], w: [32, 16, 1, 1],
      output: Quantization(scale: 1.0 / 4, dtype: .uint8), relu: true),
    .init(
      name: "convolution relu s8, fed filters", x: [2, 16, 6, 6], w: [32, 16, 1, 1], stride: 2,
      relu: true, isConstant: false),
    .init(
      name: "convolution zero points", x: [1, 8, 7, 7], w: [8, 8, 3, 3], padding: 1,
      input: Quantization(scale: 1.0 / 64, zeroPoint: 120, dtype: .uint8),
      output: Quantization(scale: 1.0 / 4, zeroPoint: 9, dtype: .uint8)),
    .init(
      name: "convolution part of the integers", x: [1, 8, 5, 5], w: [8, 8, 3, 3],
      output: Quantization(scale: 1.0 / 4, range: -7...7), hasBias: false),
    .init(
      name: "convolution groups", x: [2, 16, 8, 8], w: [32, 4, 3, 3], padding: 1, groups: 4),
    .init(
      name: "convolution depthwise", x: [2, 24, 8, 8], w: [24, 1, 3, 3], stride: 2, padding: 1,
      groups: 24),
    .init(name: "convolution one channel", x: [3, 1, 14, 14], w: [6, 1, 5, 5], padding: 2),
    .init(name: "convolution of sequences", x: [2, 4, 19], w: [8, 4, 3], padding: 1),
    .init(name: "convolution of volumes", x: [1, 4, 5, 6, 7], w: [8, 4, 3, 3, 3], padding: 1),
    .init(name: "linear", x: [5, 40], w: [12, 40], output: nil),
    .init(name: "linear relu", x: [1, 64], w: [10, 64], relu: true),
  ]
  + residualTypes.flatMap { name, residual in
    [
      QuantizedConvolutionCase(
        name: "convolution + \(name)", x: [2, 8, 6, 6], w: [16, 8, 3, 3], padding: 1,
        residual: residual),
      QuantizedConvolutionCase(
        name: "convolution + \(name) relu", x: [2, 8, 6, 6], w: [16, 8, 1, 1],
        output: Quantization(scale: 1.0 / 4, dtype: .uint8), residual: residual, relu: true),
    ]
  }).map(\.opCase) + [
    OpCase(
      "int8 convolution + its own input", .uniform([2, 8, 6, 6], -2...2), isDifferentiable: false
    ) {
      let how = Quantization(scale: 1.0 / 32)
      let x = $0[0].quantized(how)
      let w = $0[0].builder.constant(HostTensor(zeros: TensorType(.int8, [8, 8, 1, 1])))
      let rule = QuantizedConvolution(
        Convolution(Window(kernel: [1, 1])), input: how,
        filter: Quantization(scale: [Double](repeating: 1, count: 8), axis: 0), output: how,
        residual: how)
      let y = quantizedConvolution(x, w, residual: x, rule)
      // Once more, and the first residual is still read.
      return quantizedConvolution(y, w, residual: x, rule).dequantized(how) + x.dequantized(how)
    },
    OpCase("int8 max pool", .uniform([2, 8, 7, 7], -2...2), isDifferentiable: false) {
      maxPool(
        $0[0].quantized(Quantization(scale: 0.02)), kernel: [3, 3], stride: [2, 2], padding: [1, 1])
    },
  ]
