import StriateCPU
import StriateCore
import StriateIR
import StriateModels
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// The bare kernels are all that a network multiplies, pools and normalises, and nothing else.
@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct BareProgramTests {
  private func backend() throws -> CPUBackend {
    try #require(TestDevice.cpu?.backend as? CPUBackend)
  }

  private func graph(_ model: String, batch: Int, trains: Bool) throws -> Graph {
    let device = try #require(TestDevice.cpu)
    let entry = try Catalog.find(model)
    let input = TensorType(.float32, Shape([batch] + entry.input.dims))
    func objective(_ model: some Layer) -> Objective { Objective(model) }
    guard trains else {
      func program(_ model: some Layer) throws -> Graph {
        try Program(model, input: input, on: device).graph
      }
      return try program(entry.model())
    }
    return try TrainingStep(
      objective(entry.model()), optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), input: input,
      on: device
    ).program.graph
  }

  private func counts(_ report: ExecutionReport) -> [String: Int] {
    Dictionary(report.kernels.map { ($0.name, 1) }, uniquingKeysWith: +)
  }

  @Test("LeNet's step: no gradient in the image, ReLU and bias in the kernels")
  func lenet() throws {
    let bare = try backend().bareProgram(of: graph("lenet5", batch: 8, trains: true))
    #expect(
      counts(bare.report) == [
        "convolution + bias + relu": 2, "max_pool": 2, "matmul + bias + relu": 2,
        "matmul + bias": 1, "matmul": 6, "max_pool_backward": 2, "convolution input gradient": 1,
        "convolution filter gradient + bias gradient": 2,
      ])
    #expect(bare.report.kernels.allSatisfy { !$0.isNaive && $0.phase != .update })
    try bare.run()
    try bare.run()
  }

  @Test("ResNet-20's step: batch norm with ReLU where nothing is added between them")
  func resnet() throws {
    let bare = try backend().bareProgram(of: graph("resnet20", batch: 4, trains: true))
    let pooling = try self.pooling(of: "resnet20", trains: true)
    #expect(
      counts(bare.report)
        == [
          "convolution": 19, "batch_norm + relu": 10, "batch_norm": 9, "matmul + bias": 1,
          "matmul": 2, "batch_norm gradient": 9, "batch_norm gradient + relu gradient": 10,
          "convolution input gradient": 18, "convolution filter gradient": 19,
        ].merging(pooling) { $0 + $1 })
    try bare.run()
    try bare.run()
  }

  @Test("in inference batch norm is folded into the convolution before it")
  func folded() throws {
    let bare = try backend().bareProgram(of: graph("resnet20", batch: 4, trains: false))
    let counts = counts(bare.report)
    #expect(counts["convolution + bias + relu"] == 10)
    #expect(counts["convolution + bias"] == 9)
    #expect(counts["matmul + bias"] == 1)
    #expect(!counts.keys.contains { $0.hasPrefix("batch_norm") || $0.contains("gradient") })
    try bare.run()
  }

  /// What the graph says of poolings, which a model may have as a mean over all positions instead.
  private func pooling(of model: String, trains: Bool) throws -> [String: Int] {
    let names = try graph(model, batch: 4, trains: trains).nodes.map(\.op.name)
    return Dictionary(names.filter { $0.contains("pool") }.map { ($0, 1) }, uniquingKeysWith: +)
  }

  @Test("it takes no more memory than the values that a program must keep")
  func memory() throws {
    let graph = try graph("resnet20", batch: 16, trains: true)
    let bare = try backend().bareProgram(of: graph)
    let whole = try backend().compile(graph)
    #expect(bare.report.arenaBytes < whole.report.arenaBytes * 3 / 2)
    #expect(bare.report.reorders == 0)
  }

  @Test("a scale that depends on the image is no batch norm to fold")
  func fedScale() throws {
    let builder = GraphBuilder()
    let x = builder.input("x", TensorType(.float32, [1, 3, 6, 6]))
    let w = builder.input("w", TensorType(.float32, [16, 3, 3, 3]))
    let scale = builder.input("scale", TensorType(.float32, [16]))
    let y = convolution(x, w)
    builder.output("y", relu(y * scale.alongChannels(like: y)))
    let bare = try backend().bareProgram(of: builder.finish().applying())
    #expect(bare.report.kernels.map(\.name) == ["convolution"])
    try bare.run()
  }
}
