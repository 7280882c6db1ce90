import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// Graphs that the choice of kernels, layouts and groups could get wrong.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct LoweringTests {
  /// The outputs' errors of a graph fed with these tensors.
  private func errors(
    _ feeds: [String: HostTensor], _ build: (GraphBuilder) -> Void
  ) throws -> [CaseError] {
    let builder = GraphBuilder()
    build(builder)
    return try compare(
      try builder.finish(), feeds: feeds, states: NamedTensors(), runs: 2,
      on: #require(TestDevice.cpu))
  }

  private func values(_ shape: Shape, _ name: String) -> HostTensor {
    CaseInput.normal(shape).values(seed: 3, name)
  }

  enum Chain: CaseIterable {
    case minimum, power, maximum, difference

    func callAsFunction(_ x: Tensor, _ number: Tensor) -> Tensor {
      switch self {
      case .minimum: StriateIR.minimum(x, number)
      case .power: pow(square(x) + 0.0, number)
      case .maximum: StriateIR.maximum(x, number)
      case .difference: x * number - relu(number)
      }
    }
  }

  @Test(
    "a fed number of either sign leaves the padding of blocked layouts zero",
    arguments: Chain.allCases, [-2.0, -1, 0.5])
  func padding(_ chain: Chain, _ number: Double) throws {
    let feeds = [
      "x": values([1, 3, 6, 6], "x"), "w": values([17, 3, 3, 3], "w"),
      "v": values([5, 17, 3, 3], "v"), "number": HostTensor(scalar: Float(number)),
    ]
    let found = try errors(feeds) { builder in
      let number = builder.input("number", TensorType(.float32, .scalar))
      let x = builder.input("x", TensorType(.float32, [1, 3, 6, 6]))
      let w = builder.input("w", TensorType(.float32, [17, 3, 3, 3]))
      let v = builder.input("v", TensorType(.float32, [5, 17, 3, 3]))
      builder.output("y", convolution(chain(convolution(x, w), number), v))
    }
    // One over a small square is ill-conditioned; garbage in the padding gives infinities.
    for error in found { #expect(error.error < 2e-3, "\(chain) \(number): \(error)") }
  }

  @Test("a filter's gradient may wait for a sum over the same gradient")
  func dependentSum() throws {
    let feeds = [
      "x": values([2, 3, 6, 6], "x"), "w": values([4, 3, 3, 3], "w"),
      "dy": values([2, 4, 4, 4], "dy"),
    ]
    let found = try errors(feeds) { builder in
      let x = builder.input("x", TensorType(.float32, [2, 3, 6, 6]))
      let w = builder.input("w", TensorType(.float32, [4, 3, 3, 3]))
      let dy = builder.input("dy", TensorType(.float32, [2, 4, 4, 4]))
      let sum = dy.sum(over: [0, 2, 3])
      let moved = x + sum.mean()
      let y = convolution(moved, w)
      builder.output("sum", sum)
      builder.output("dw", builder.gradients(of: [(y, dy)], in: [w])[0])
    }
    #expect(found.count == 4)
    for error in found { #expect(error.error < 1e-5, "\(error)") }
  }

  @Test("compiling twice makes the same choices")
  func choices() throws {
    let device = try #require(TestDevice.cpu)
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [2, 16, 8, 8]))
    let w = builder.input("w", TensorType(.float32, [16, 16, 3, 3]))
    // Poolings of one type over tensors that lie in different layouts.
    let sources =
      [x, tanh(x), square(x)]
      + [x, tanh(x), square(x)].map { convolution($0, w, padLow: [1, 1], padHigh: [1, 1]) }
    let pooled = sources.map { averagePool($0, kernel: [2, 2]) }
    let sum = pooled.dropFirst().reduce(tanh(pooled[0])) { $0 + tanh($1) }
    builder.output("dx", builder.gradients(of: sum.mean(), in: [x])[0])
    let graph = try builder.finish().applying()
    let first = try device.backend.compile(graph).report
    for _ in 0..<12 {
      let report = try device.backend.compile(graph).report
      #expect(report.kernels == first.kernels)
      #expect(report.reorders == first.reorders)
      #expect(report.arenaBytes == first.arenaBytes)
    }
  }
}
