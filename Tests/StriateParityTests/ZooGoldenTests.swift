import StriateCPU
import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTestSupport
import Testing

@Suite struct ZooGoldenTests {
  private static let golden = Result { try Golden("zoo") }
  private static let threads = [1, 2].map { threads in try? Device.cpu(threads: threads) }

  @Test("Golden: the zoo's table is whole, and keys are PyTorch's")
  func table() throws {
    // As others in all but numbers: depths of CIFAR networks, and 645 million weights.
    let own: Set = [
      "resnet32", "resnet44", "resnet56", "resnet1202", "resnet110-stochastic", "plain32",
      "plain44", "plain56", "plain110", "preresnet1001", "wrn-40-4", "wrn-28-10", "resnet101-v1",
      "resnet152-v1", "regnet_y_128gf", "neocognitron", "neocognitron-1983",
      "neocognitron-1988", "hmax", "lenet1", "lenet5-1998",
    ]
    // Nobody else has the miniatures.
    let all = Set(Catalog.all.map(\.id).filter { !$0.hasSuffix("-mini") })
    #expect(Set(ZooGolden.all.map(\.id)) == all.subtracting(own))
    #expect(ZooGolden.all.filter(\.isFull).count == 5)
    for golden in ZooGolden.all {
      let naming = Naming(try #require(golden.network))
      if let digest = golden.keysDigest {
        let lines = naming.parameters.map { path, parameter in
          let dims = parameter.type.shape.dims
          let list = dims.map(String.init).joined(separator: ", ")
          return "\(path) (\(list)\(dims.count == 1 ? "," : ""))"
        }
        let text = lines.sorted().joined(separator: "\n")
        #expect(SHA256.hex(of: Array(text.utf8)) == digest, "\(golden)")
        continue
      }
      #expect(Set(naming.parameters.map(\.path)) == Set(golden.keys), "\(golden)")
      let weights = naming.parameters.filter { $0.parameter.role == .weight }
      #expect(weights.count == golden.gradients.count, "\(golden)")
    }
  }

  /// Logits in use: the interpreter in Double against PyTorch's float64, where the network is small enough for it,
  /// and the CPU engine against that.
  @Test(
    "Golden: logits of the zoo's further networks",
    .enabled(if: InputFile.environment("STRIATE_PARITY") != nil, "run make parity"),
    arguments: ZooGolden.all.filter { $0.keysDigest != nil })
  func logits(_ network: ZooGolden) throws {
    let golden = try Self.golden.get()
    let model = try #require(network.network)
    let naming = Naming(model)
    let weights = ZooFormula.weights(of: naming)
    let graph = try network.inference(model, naming)
    if weights.reduce(0, { $0 + $1.value.type.shape.count }) < 30_000_000 {
      let oracle = try answer(network, [graph], weights, on: .oracle)
      expect(network, "the interpreter and PyTorch", try network.errors(of: oracle, to: golden)) {
        _ in
        1e-9
      }
    }
    for device in Self.threads.suffix(1).compactMap({ $0 }) {
      let found = try answer(network, [graph], weights, on: device)
      expect(
        network, "the CPU and PyTorch", try network.errors(of: found, to: golden), network.bound)
    }
  }

  /// Inference and a training step at a small input: the interpreter in Double against PyTorch's float64, the
  /// CPU engine against both, with one thread and two, each twice.
  @Test(
    "Golden: every network of the zoo",
    .enabled(if: InputFile.environment("STRIATE_PARITY") != nil, "run make parity"),
    arguments: ZooGolden.all.filter { !$0.isFull && $0.keysDigest == nil })
  func small(_ network: ZooGolden) throws {
    let golden = try Self.golden.get()
    let model = try #require(network.network)
    let naming = Naming(model)
    let weights = ZooFormula.weights(of: naming)
    let graphs = [try network.inference(model, naming), try network.training(model, naming)]
    let oracle = try answer(network, graphs, weights, on: .oracle)
    expect(network, "the interpreter and PyTorch", try network.errors(of: oracle, to: golden)) {
      _ in
      1e-9
    }
    // Gradients of networks with activations at kinks are compared where none is (SmoothGoldenTests).
    let comparesGradients = !SmoothGolden.all.contains { $0.description == network.description }
    func compared(_ errors: [(name: String, error: Double)]) -> [(name: String, error: Double)] {
      errors.filter { comparesGradients || !$0.name.hasPrefix("gradients.") }
    }
    var single: [ZooAnswer] = []
    for device in Self.threads.compactMap({ $0 }) {
      let found = try answer(network, graphs, weights, on: device, runs: 2)
      let what = "the CPU, \(device.backend.summary),"
      expect(
        network, "\(what) and PyTorch", compared(try network.errors(of: found, to: golden)),
        network.bound)
      expect(
        network, "\(what) and the interpreter",
        compared(try network.errors(of: found, to: oracle, vanishing: network.vanishing(golden))),
        network.bound)
      single.append(found)
    }
    if single.count == 2 {
      expect(
        network, "one thread and two",
        try network.errors(
          of: single[0], to: single[1], vanishing: network.vanishing(golden))
      ) { _ in 1e-5 }
    }
  }

  @Test(
    "Golden: networks as published, at their published input, on the CPU",
    .enabled(if: cpu != nil, "oneDNN is not installed: run Scripts/bootstrap"),
    .enabled(if: InputFile.environment("STRIATE_PARITY") != nil, "run make parity"),
    .serialized, arguments: ZooGolden.all.filter(\.isFull))
  func full(_ network: ZooGolden) throws {
    let model = try #require(network.network)
    let naming = Naming(model)
    let graphs = [try network.inference(model, naming), try network.training(model, naming)]
    let found = try answer(
      network, graphs, ZooFormula.weights(of: naming), on: #require(cpu))
    expect(
      network, "the CPU and PyTorch", try network.errors(of: found, to: Self.golden.get()),
      network.bound)
  }

  /// The outputs of each graph, and the statistics that the last one leaves; every run starts anew, and must
  /// end with the same bytes.
  private func answer(
    _ network: ZooGolden, _ graphs: [Graph], _ weights: NamedTensors, on device: Device,
    runs: Int = 1
  ) throws -> ZooAnswer {
    var result: ZooAnswer = [:]
    let start =
      device.id == "oracle"
      ? NamedTensors(weights.map { ($0.name, $0.value.doubled) }) : weights
    for graph in graphs {
      let executable = try device.backend.compile(graph)
      let buffers = try RunBuffers(graph)
      for (name, _) in buffers.inputPorts { try buffers.set(name, #require(network.feeds[name])) }
      for run in 0..<runs {
        let state = device.backend.makeState()
        try state.write(start)
        var found: ZooAnswer = [:]
        if let interpreter = executable as? Interpreter<Double> {
          found = try interpreter.evaluate(inputs: network.feeds, state: state)
        } else {
          try executable.run(buffers, state: state)
          for (name, _) in buffers.outputPorts { found[name] = try buffers.output(name) }
        }
        for (name, value) in try state.read(network.statistics) {
          found["statistics.\(name)"] = value
        }
        if run > 0 {
          let changed = found.filter { result[$0.key] != $0.value }.keys.sorted()
          #expect(
            changed.isEmpty,
            "\(network) on \(device.backend.summary): a second run changed \(changed)")
        }
        result.merge(found) { $1 }
      }
    }
    return result
  }

  /// Demands errors within bounds; tells the worst of those that are not.
  private func expect(
    _ network: ZooGolden, _ what: String, _ errors: [(name: String, error: Double)],
    _ bound: (String) -> Double
  ) {
    let wrong = errors.filter { !($0.error <= bound($0.name)) }
      .sorted { $0.error / bound($0.name) > $1.error / bound($1.name) }
    let worst = wrong.prefix(5).map { "\($0.name) by \($0.error), allowed \(bound($0.name))" }
    #expect(
      wrong.isEmpty,
      "\(network): \(what) differ in \(wrong.count) of \(errors.count) tensors: \(worst.joined(separator: "; "))"
    )
  }
}
