import StriateCore
import StriateIR
import StriateRuntime
import Testing

/// The interpreter's integer convolutions against integers counted by hand.
@Suite struct IntegerArithmeticTests {
  private func run(_ build: (GraphBuilder) -> Tensor) throws -> HostTensor {
    let builder = GraphBuilder()
    builder.output("y", build(builder))
    let graph = try builder.finish()
    let result = try Interpreter<Double>(graph).evaluate(inputs: [:], state: HostState())
    return try #require(result["y"])
  }

  private func bytes<T: Scalar>(_ numbers: [T], _ shape: Shape) -> HostTensor {
    (try? HostTensor(numbers, shape: shape)) ?? HostTensor(zeros: TensorType(T.dtype, shape))
  }

  @Test("the longest sum of the greatest products is exact")
  func extreme() throws {
    let terms = QuantizedConvolution.termLimit
    let y = try run { builder in
      let rule = QuantizedConvolution(
        Convolution(Window(kernel: [])), input: Quantization(scale: 1, dtype: .uint8),
        filter: Quantization(scale: [1, 1], axis: 0))
      var w = [Int8](repeating: -128, count: terms)
      w += [Int8](repeating: 127, count: terms)
      w[2 * terms - 1] = 126
      return quantizedConvolution(
        builder.constant(bytes([UInt8](repeating: 255, count: terms), [1, terms])),
        builder.constant(bytes(w, [2, terms])), rule)
    }
    #expect(
      y.scalars(as: Double.self) == [Double(-128 * 255 * terms), Double(127 * 255 * terms - 255)])
  }

  @Test("padding stands for 0, whatever the zero point; halves go to even; results saturate")
  func convolution() throws {
    let (x, w): ([UInt8], [Int8]) = ([10, 13, 7, 255, 0, 10], [1, -2, 5])
    let y = try run { builder in
      let rule = QuantizedConvolution(
        Convolution(Window(kernel: [3], padLow: [1])),
        input: Quantization(scale: 0.5, zeroPoint: 10, dtype: .uint8),
        filter: Quantization(scale: [0.5], axis: 0),
        output: Quantization(scale: 2, zeroPoint: 3), hasBias: true)
      return quantizedConvolution(
        builder.constant(bytes(x, [1, 1, 6])), builder.constant(bytes(w, [1, 1, 3])),
        bias: builder.constant(HostTensor([Float(0.25)])), rule)
    }
    let real = [0] + x.map { Double($0) - 10 } + [0]
    let expected = (0..<6).map { i -> Double in
      let sum = (0..<3).reduce(0.0) { $0 + Double(w[$1]) * real[i + $1] }
      let steps = ((0.25 * sum + 0.25) / 2).rounded(.toNearestOrEven) + 3
      return min(max(steps, -128), 127)
    }
    #expect(y.scalars(as: Double.self) == expected)
    #expect(expected.contains(127))
  }

  struct Refusal: Sendable, CustomStringConvertible {
    var name: String
    var message: String
    var change: @Sendable (inout QuantizedConvolution) -> Void
    var x: TensorType = TensorType(.uint8, [1, 4, 5, 5])
    var residual: TensorType?
    var description: String { name }
  }

  static let refusals: [Refusal] = [
    Refusal(
      name: "another element type", message: "takes an input of u8, found i8",
      change: { _ in }, x: TensorType(.int8, [1, 4, 5, 5])),
    Refusal(
      name: "filters with zero points", message: "symmetric",
      change: { $0.filter.zeroPoint = [0, 1] }),
    Refusal(
      name: "one scale for all filters", message: "a scale for each filter",
      change: { $0.filter = Quantization(scale: 1) }),
    Refusal(
      name: "too few scales", message: "needs as many scales",
      change: { $0.filter = Quantization(scale: [1], axis: 0) }),
    Refusal(
      name: "a scale that is no number", message: "not finite",
      change: { $0.input.scale = [.nan] }),
    Refusal(
      name: "scales for channels of the input", message: "takes one scale",
      change: { $0.input = Quantization(scale: [1, 1, 1, 1], axis: 1, dtype: .uint8) }),
    Refusal(
      name: "a residual beside real numbers", message: "only where the result is written",
      change: { $0.residual = Quantization(scale: 1) }, residual: TensorType(.int8, [1, 2, 3, 3])),
    Refusal(
      name: "a residual of other extents", message: "takes a residual",
      change: {
        $0.residual = Quantization(scale: 1)
        $0.output = Quantization(scale: 1)
      }, residual: TensorType(.int8, [1, 2, 3, 4])),
    Refusal(
      name: "sums that overflow", message: "may overflow", change: { _ in },
      x: TensorType(.uint8, [1, 8000, 5, 5])),
    Refusal(
      name: "a window for two axes of three", message: "one rank",
      change: { _ in }, x: TensorType(.uint8, [1, 4, 5, 5, 5])),
  ]

  @Test("what makes no sense is refused with the reason", arguments: refusals)
  func refuses(_ refusal: Refusal) throws {
    let builder = GraphBuilder()
    var rule = QuantizedConvolution(
      Convolution(Window(kernel: [3, 3])), input: Quantization(scale: 1, dtype: .uint8),
      filter: Quantization(scale: [1, 1], axis: 0))
    refusal.change(&rule)
    let x = builder.input("x", refusal.x)
    let w = builder.input("w", TensorType(.int8, [2, refusal.x.shape[1], 3, 3]))
    let residual = refusal.residual.map { builder.input("r", $0) }
    let y = quantizedConvolution(x, w, residual: residual, rule)
    #expect(y.isPoisoned)
    let message = builder.diagnostics.first?.message ?? ""
    #expect(message.contains(refusal.message), "\(message)")
  }
}
