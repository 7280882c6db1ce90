import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Integer convolutions on the CPU engine: exact sums, the library's fast kernels, residuals in place.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct QuantizedConvolutionTests {
  /// A convolution of images in arbitrary scales.
  struct Row: Sendable, CustomStringConvertible {
    var name: String
    var x: Shape
    var w: Shape
    var stride = 1
    var padding = 0
    var groups = 1
    var input = DType.uint8
    var output: DType? = .uint8
    var residual: DType?
    var description: String { name }
  }

  static let rows: [Row] = [
    Row(name: "first", x: [1, 3, 32, 32], w: [64, 3, 7, 7], stride: 2, padding: 3, input: .int8),
    Row(name: "one channel", x: [1, 1, 28, 28], w: [6, 1, 5, 5], padding: 2, input: .int8),
    Row(name: "3x3", x: [2, 64, 14, 14], w: [64, 64, 3, 3], padding: 1),
    Row(name: "1x1 stride 2", x: [1, 64, 14, 14], w: [128, 64, 1, 1], stride: 2, output: .int8),
    Row(name: "1x1 + u8", x: [1, 64, 14, 14], w: [256, 64, 1, 1], residual: .uint8),
    Row(name: "1x1 + s8", x: [1, 64, 14, 14], w: [256, 64, 1, 1], residual: .int8),
    Row(
      name: "bottleneck + s8", x: [1, 96, 7, 7], w: [24, 96, 1, 1], output: .int8, residual: .int8),
    Row(name: "depthwise", x: [1, 96, 14, 14], w: [96, 1, 3, 3], padding: 1, groups: 96),
    Row(name: "groups", x: [1, 128, 14, 14], w: [128, 4, 3, 3], padding: 1, groups: 32),
    Row(name: "linear", x: [1, 512], w: [1000, 512], output: nil),
  ]

  private func graph(_ row: Row) throws -> Graph {
    let builder = GraphBuilder()
    let spatial = row.w.rank - 2
    let window = Window(
      kernel: Array(row.w.dims.dropFirst(2)), stride: [Int](repeating: row.stride, count: spatial),
      padLow: [Int](repeating: row.padding, count: spatial))
    func how(_ dtype: DType, _ scale: Double) -> Quantization {
      Quantization(scale: scale, dtype: dtype)
    }
    let terms = Double(row.w.dims.dropFirst().reduce(1, *))
    let filter = Quantization(
      scale: (0..<row.w[0]).map { 0.0031 + 0.0007 * Double($0 % 13) }, axis: 0)
    let rule = QuantizedConvolution(
      Convolution(window, groups: row.groups), input: how(row.input, 0.0173), filter: filter,
      output: row.output.map { how($0, 0.00791 * terms.squareRoot()) }, hasBias: true,
      residual: row.residual.map { how($0, 0.0419) }, relu: row.output == .uint8)
    let x = builder.input("x", TensorType(row.input, row.x))
    let w = builder.constant(values(TensorType(.int8, row.w), 1))
    let bias = builder.constant(
      HostTensor((0..<row.w[0]).map { Float($0 % 17) * 0.0371 - 0.3 }))
    var residual: Tensor?
    if let dtype = row.residual {
      // Made in the program, so that it may be overwritten.
      let shape = Shape([row.x[0], row.w[0]] + row.x.dims.dropFirst(2).map { $0 / row.stride })
      residual = builder.input("r", TensorType(.float32, shape)).quantized(how(dtype, 0.0419))
    }
    builder.output("y", quantizedConvolution(x, w, bias: bias, residual: residual, rule))
    return try builder.finish()
  }

  private func values(_ type: TensorType, _ stream: UInt64) -> HostTensor {
    let generator = Philox(key: 5)
    let numbers = (0..<type.shape.count).map { index -> Double in
      let word = Double(generator.word(at: UInt64(index), stream: stream) % 255)
      return type.dtype == .uint8 ? word : type.dtype == .int8 ? word - 127 : word / 60 - 2
    }
    let made = HostTensor(numbers).converted(to: type.dtype)
    return (try? made.reshaped(type.shape)) ?? HostTensor(zeros: type)
  }

  /// The engine multiplies in single precision: a number within its error of a half may round to either side.
  @Test("arbitrary scales: within one step of the oracle, and rarely off", arguments: rows)
  func agrees(_ row: Row) throws {
    let device = try #require(TestDevice.cpu)
    let graph = try graph(row)
    var feeds: [String: HostTensor] = [:]
    for (index, port) in graph.inputs.enumerated() {
      feeds[port.name] = values(graph.type(port.value), UInt64(index) + 2)
    }
    let expected = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: HostState())
    let found = try run(graph, feeds, on: device)
    let (a, b) = (try #require(found["y"]), try #require(expected["y"]))
    if row.output == nil { return #expect(agreement(a, b) < 1e-6) }
    let steps = zip(a.scalars(as: Double.self), b.scalars(as: Double.self)).map { abs($0 - $1) }
    #expect(steps.max() ?? 0 <= 1)
    #expect(Set(b.scalars(as: Double.self)).count > 50, "the case says little")
    let off = steps.filter { $0 > 0 }.count
    #expect(Double(off) < 1e-3 * Double(steps.count) + 1, "\(off) of \(steps.count)")
  }

  @Test("the library's integer kernels run, and nothing else", arguments: rows)
  func kernels(_ row: Row) throws {
    let device = try #require(TestDevice.cpu)
    let kernels = try device.backend.compile(try graph(row).applying()).report.kernels
    guard DNNLibrary.hasExactByteProducts else {
      // Before VNNI products of bytes saturate in 16 bits: the interpreter takes over and says why.
      let interpreted = kernels.first { $0.name == "quantized_convolution" }
      #expect(interpreted?.implementation == "reference" && interpreted?.reason != nil)
      return
    }
    let convolution = try #require(kernels.first { $0.name.hasPrefix("int8") })
    #expect(!convolution.isNaive && convolution.reason == nil, "\(convolution)")
    #expect(["brg", "brd", "jit"].contains(convolution.implementation.prefix(3)))
    #expect(!kernels.contains { $0.implementation == "reference" || $0.name == "residual" })
  }
}
