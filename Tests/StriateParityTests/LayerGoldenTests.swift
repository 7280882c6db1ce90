import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

@Suite struct LayerGoldenTests {
  private static let layers = LayerGolden.all("layers")
  private static let losses =
    LayerGolden.all("losses").map { ($0, "losses") }
    + LayerGolden.all("mask_losses").map { ($0, "mask_losses") }
  private static let goldens = [
    "layers": Result { try Golden("layers") }, "losses": Result { try Golden("losses") },
    "mask_losses": Result { try Golden("mask_losses") },
  ]

  @Test("Golden: the tables of layers and losses are whole")
  func tables() {
    #expect(Self.layers.count == 137)
    #expect(Self.losses.count == 87 + 32)
    #expect((Self.layers + Self.losses.map(\.0)).allSatisfy { $0.built != nil })
  }

  @Test("Golden: every layer in Double is PyTorch's", arguments: layers)
  func layerOracle(_ layer: LayerGolden) throws { try oracle(layer, "layers") }

  @Test("Golden: every loss in Double is PyTorch's", arguments: losses)
  func lossOracle(_ loss: LayerGolden, _ table: String) throws { try oracle(loss, table) }

  @Test(
    "Golden: every layer on the CPU is as near to PyTorch's float64 as PyTorch's float32",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"), arguments: layers)
  func layerSingle(_ layer: LayerGolden) throws { try single(layer, "layers") }

  @Test(
    "Golden: every loss on the CPU is as near to PyTorch's float64 as PyTorch's float32",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"), arguments: losses)
  func lossSingle(_ loss: LayerGolden, _ table: String) throws { try single(loss, table) }

  @Test(
    "Golden: no layer or loss needs generic code or the interpreter, forward or backward",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"),
    arguments: layers.map { ($0, "layers") } + losses)
  func kernels(_ layer: LayerGolden, _ table: String) throws {
    let golden = try #require(try Self.goldens[table]?.get())
    let report = try #require(cpu).backend.compile(layer.graph(golden).applying()).report
    let slow = report.kernels.filter { $0.isNaive || $0.reason != nil }
    #expect(slow.isEmpty, "\(slow.map { "\($0.name): \($0.implementation), \($0.reason ?? "")" })")
  }

  private func oracle(_ layer: LayerGolden, _ table: String) throws {
    let golden = try #require(try Self.goldens[table]?.get())
    let graph = try layer.graph(golden)
    for graph in [graph, graph.applying()] {
      let state = HostState()
      try state.write(try weights(layer, golden))
      let found = try Interpreter<Double>(graph).evaluate(
        inputs: feeds(layer, graph, golden), state: state)
      try expect(found, layer, golden) { _ in 1e-9 }
    }
  }

  private func single(_ layer: LayerGolden, _ table: String) throws {
    let golden = try #require(try Self.goldens[table]?.get())
    let graph = try layer.graph(golden)
    let found = try run(
      graph, feeds(layer, graph, golden).mapValues(Self.single),
      state: try weights(layer, golden, Self.single), on: #require(cpu))
    try expect(found, layer, golden) { max(1e-4, 3 * (layer.single[$0] ?? 0)) }
  }

  private static func single(_ tensor: HostTensor) -> HostTensor {
    tensor.dtype.isFloatingPoint ? tensor.converted(to: .float32) : tensor
  }

  private func weights(
    _ layer: LayerGolden, _ golden: Golden, _ convert: (HostTensor) -> HostTensor = { $0 }
  ) throws -> NamedTensors {
    var weights = NamedTensors()
    for key in layer.keys { weights[key] = convert(try golden["\(layer).param.\(key)"]) }
    return weights
  }

  private func feeds(
    _ layer: LayerGolden, _ graph: Graph, _ golden: Golden
  ) throws -> [String: HostTensor] {
    try Dictionary(
      uniqueKeysWithValues: graph.inputs.map { ($0.name, try golden["\(layer).\($0.name)"]) })
  }

  /// Compares every tensor that PyTorch computed; buffers that no step changed are not outputs of ours.
  private func expect(
    _ found: [String: HostTensor], _ layer: LayerGolden, _ golden: Golden,
    _ bound: (String) -> Double
  ) throws {
    for name in layer.single.keys.sorted() {
      guard let value = found[name] else {
        #expect(name.hasPrefix("state.") && !layer.isTraining, "\(layer): \(name) is missing")
        continue
      }
      let error = agreement(value, try golden["\(layer).\(name)"])
      #expect(error <= bound(name), "\(layer): \(name) is off by \(error)")
    }
  }
}
