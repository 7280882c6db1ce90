import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Elementwise ops, reductions, indexing and movements have kernels, and the kernels are exact.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct PlainKernelTests {
  /// What the interpreter runs inside CPU programs, and why.
  static let interpreted: [String: String] = [
    "scaled_sum": "a custom op is computed on the host",
    "top_k": "whole numbers are sorted by the interpreter",
    "arg_max": "whole numbers are searched by the interpreter",
  ]

  @Test("no case runs naive code or the interpreter without a reason", arguments: plainOpCases)
  func kernels(_ opCase: OpCase) throws {
    let graph = try opCase.gradientGraph().applying()
    let narrow: Set<DType> = [.float32, .int32, .bool]
    let isWide = graph.nodes.contains { node in
      (node.inputs + node.outputs).contains { !narrow.contains(graph.type($0).dtype) }
    }
    let report = try #require(TestDevice.cpu).backend.compile(graph).report
    for kernel in report.kernels where kernel.isNaive || kernel.implementation == "reference" {
      let isExcused =
        Self.interpreted[kernel.name] != nil || (isWide && kernel.name == "convert")
        || (kernel.name == "quantized_convolution" && !DNNLibrary.hasExactByteProducts)
      #expect(isExcused, "\(opCase): \(kernel.name) is \(kernel.implementation)")
    }
  }

  /// Numbers of all sizes and signs, and those without a size.
  static let numbers: [Float] = {
    var random = RandomStream(seed: 5, "numbers")
    var numbers: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5]
    for exponent in stride(from: -36.0, through: 38.0, by: 0.25) {
      let size = Float(Double.random(in: 0.3...1, using: &random)) * Float(pow10(exponent))
      numbers += [size, -size]
    }
    numbers += (0..<500).map { _ in Float.random(in: -10...10, using: &random) }
    return numbers.filter { $0 == 0 || !$0.isFinite || Swift.abs($0) >= .leastNormalMagnitude }
  }()

  private static func pow10(_ exponent: Double) -> Double {
    Binary.Kind.power.apply(10, exponent)
  }

  @Test("functions are within four units in the last place", arguments: Unary.Kind.allCases)
  func accuracy(_ kind: Unary.Kind) throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [Self.numbers.count]))
    builder.output("y", builder.one(.unary(Unary(kind)), x))
    let found = try run(
      builder.finish(), ["x": HostTensor(Self.numbers)], on: #require(TestDevice.cpu))
    let y: [Float] = try #require(found["y"]).scalars()
    for (x, y) in zip(Self.numbers, y) {
      let expected = Float(kind.apply(Double(x)))
      if expected.isNaN || y.isNaN {
        #expect(expected.isNaN && y.isNaN, "\(kind.rawValue)(\(x)) is \(y)")
      } else if expected.isInfinite || y.isInfinite {
        #expect(expected == y, "\(kind.rawValue)(\(x)) is \(y)")
      } else if Swift.max(Swift.abs(expected), Swift.abs(y)) >= .leastNormalMagnitude {
        let error = Swift.abs(y - expected) / expected.ulp
        #expect(error <= 4, "\(kind.rawValue)(\(x)) is \(y), \(error) units off")
      }
    }
  }

  @Test("sums by index do not depend on the number of threads")
  func scatter() throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [4096, 32]))
    let indices = builder.input("i", TensorType(.int32, [4096]))
    builder.output("y", x.scatterAdd(indices, extent: 100))
    let graph = try builder.finish()
    let feeds = [
      "x": CaseInput.normal([4096, 32]).values(seed: 1, "x"),
      "i": CaseInput.indices([4096], below: 101).values(seed: 1, "i"),
    ]
    let one = try run(graph, feeds, on: .cpu(threads: 1))
    for _ in 0..<3 { #expect(try run(graph, feeds, on: .cpu(threads: 2)) == one) }
  }

  @Test("a custom op's error ends the run and names it")
  func customError() throws {
    struct Wrong: CustomOp {
      var name: String { "wrong" }
      func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] { inputs }
      func compute(_ inputs: [HostTensor]) throws -> [HostTensor] { [] }
      func vjp(_ context: VJP) -> [Tensor?] { [] }
    }
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [3]))
    builder.output("y", builder.custom(Wrong(), [x])[0])
    let graph = try builder.finish()
    let feeds = ["x": HostTensor([Float(1), 2, 3])]
    for device in [Device.reference, try #require(TestDevice.cpu)] {
      #expect(throws: TensorError.self) { try run(graph, feeds, on: device) }
    }
  }
}
