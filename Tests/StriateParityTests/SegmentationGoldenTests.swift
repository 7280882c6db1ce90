import StriateCPU
import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateRuntime
import StriateTestSupport
import Testing

@Suite struct SegmentationGoldenTests {
  private static let golden = Result { try Golden("segmentation") }
  private static let threads = [1, 2].map { threads in try? Device.cpu(threads: threads) }

  @Test("Golden: segmentation's table is whole, and keys and shapes are PyTorch's")
  func table() throws {
    #expect(
      Set(SegmentationGolden.all.map(\.description))
        == Set(SegmentationNetworks.all.map(\.id)))
    for golden in SegmentationGolden.all {
      let naming = Naming(try #require(golden.network, "\(golden)"))
      let ours = Dictionary(
        uniqueKeysWithValues: naming.parameters.map { ($0.path, $0.parameter.type.shape) })
      let theirs = Dictionary(uniqueKeysWithValues: golden.keys)
      #expect(ours == theirs, "\(golden)")
      #expect(naming.warnings.isEmpty)
    }
  }

  /// Inference and a training step: the CPU engine with one thread and two against PyTorch's float64, and the
  /// interpreter in Double where the network is small enough for it.
  @Test(
    "Golden: every segmentation network",
    .enabled(if: InputFile.environment("STRIATE_PARITY") != nil, "run make parity"),
    .serialized, arguments: SegmentationGolden.all)
  func network(_ network: SegmentationGolden) throws {
    let golden = try Self.golden.get()
    let model = try #require(network.network)
    let naming = Naming(model)
    var graphs = [try network.inference(model, naming)]
    if network.trains { graphs.append(try network.training(model, naming)) }
    let weights = ZooFormula.weights(of: naming)
    if graphs.reduce(0, { $0 + $1.cost.macs }) < 8_000_000_000 {
      let found = try answer(network, graphs, weights, on: .oracle)
      expect(network, "the interpreter", try network.errors(of: found, to: golden)) { _ in 1e-9 }
    }
    for device in Self.threads.compactMap({ $0 }) {
      let found = try answer(network, graphs, weights, on: device)
      expect(
        network, "the CPU, \(device.backend.summary),",
        try network.errors(of: found, to: golden), network.bound)
    }
  }

  /// The outputs of each graph, and the statistics that the last one leaves.
  private func answer(
    _ network: SegmentationGolden, _ graphs: [Graph], _ weights: NamedTensors, on device: Device
  ) throws -> [String: HostTensor] {
    var result: [String: HostTensor] = [:]
    let start =
      device.id == "oracle"
      ? NamedTensors(weights.map { ($0.name, $0.value.doubled) }) : weights
    for graph in graphs {
      let labels = graph.inputs.first { $0.name == "labels" }.map { graph.type($0.value).shape }
      let feeds = network.feeds(labels)
      let executable = try device.backend.compile(graph)
      let state = device.backend.makeState()
      try state.write(start)
      if let interpreter = executable as? Interpreter<Double> {
        result.merge(try interpreter.evaluate(inputs: feeds, state: state)) { $1 }
      } else {
        let buffers = try RunBuffers(graph)
        for (name, _) in buffers.inputPorts { try buffers.set(name, #require(feeds[name])) }
        try executable.run(buffers, state: state)
        for (name, _) in buffers.outputPorts { result[name] = try buffers.output(name) }
      }
      let moved = network.tensors.first { $0.kind == "statistics" }?.names ?? []
      for (name, value) in try state.read(moved) { result["statistics.\(name)"] = value }
    }
    return result
  }

  /// Demands errors within bounds; tells the worst of those that are not.
  private func expect(
    _ network: SegmentationGolden, _ what: String, _ errors: [(name: String, error: Double)],
    _ bound: (String) -> Double
  ) {
    let wrong = errors.filter { !($0.error <= bound($0.name)) }
      .sorted { $0.error / bound($0.name) > $1.error / bound($1.name) }
    let worst = wrong.prefix(5).map { "\($0.name) by \($0.error), allowed \(bound($0.name))" }
    #expect(
      wrong.isEmpty,
      "\(network): \(what) and PyTorch differ in \(wrong.count) of \(errors.count) tensors: \(worst.joined(separator: "; "))"
    )
  }
}
