import Foundation
import Striate
import StriateTestSupport
import Testing

/// Ten classes of images `[1, 12, 12]`: a row that is a little brighter than noise.
private struct Rows: SampleDataset {
  var count: Int
  var seed: UInt64
  let inputShape: Shape = [1, 12, 12]
  let classNames = (0..<10).map { "row \($0)" }

  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    let generator = Philox(key: seed)
    let label = index % 10
    let values = (0..<144).map { cell -> Float in
      let noise = 2 * Philox.unit(generator.word(at: UInt64(index * 144 + cell), stream: 9)) - 1
      return (cell / 12 == label ? 0.75 : 0) + noise * 1.2
    }
    return (values, label)
  }
}

/// Small networks, each trained once.
private struct Trained: Sendable, CustomStringConvertible {
  var name: String
  var model: any Layer
  var weights: NamedTensors
  var accuracy: Double
  var description: String { name }

  static let data = DataSplits(
    train: Rows(count: 1500, seed: 1), test: Rows(count: 600, seed: 2), name: "rows", mean: [0],
    std: [1])

  static let device = devices.last ?? .reference

  static let all: [Result<Trained, any Error>] = [
    train("lenet5", LeNet5(input: [1, 12, 12])),
    train("resnet", CIFARResNet(blocks: 1, widths: (8, 16, 16), channels: 1)),
  ]

  private static func train(_ name: String, _ model: some Layer) -> Result<Trained, any Error> {
    Result {
      var options = Trainer.Options()
      options.handlesSignals = false
      let scratch = try Scratch()
      defer { withExtendedLifetime(scratch) {} }
      let config = TrainingConfig(
        model: name, data: "rows", epochs: 6, batchSize: 50, optimizer: .adam, learningRate: 3e-3,
        seed: 3)
      let folder = RunFolder("\(scratch.path)/\(name)")
      let result = try Trainer(model, data: data, config: config, on: device, options: options)
        .run(in: folder)
      let weights = try Safetensors.read("\(folder.path)/last/weights.safetensors").tensors
      return Trained(
        name: name, model: model, weights: weights, accuracy: result.test?.accuracy ?? 0)
    }
  }

  func quantized(_ change: (inout Quantizer) -> Void = { _ in }) throws -> Quantizer.Result {
    var quantizer = Quantizer()
    quantizer.samples = 200
    quantizer.batchSize = 64
    change(&quantizer)
    return try quantizer.quantize(
      model, weights: weights, input: [1, 12, 12], data: Self.data.train, on: Self.device)
  }
}

@Suite struct QuantizationTests {
  private func program(
    _ model: some Layer, batch: Int = 4, on device: Device
  ) throws -> Program {
    try Program(model, input: TensorType(.float32, [batch, 1, 12, 12]), on: device)
  }

  private func answer(_ model: any Layer, _ weights: NamedTensors, on device: Device) throws
    -> HostTensor
  {
    func run(_ model: some Layer) throws -> HostTensor {
      let program = try program(model, on: device)
      var images: [Float] = []
      for index in 0..<4 { images += try Rows(count: 4, seed: 5).sample(at: index).input }
      let input = try HostTensor(images, shape: [4, 1, 12, 12])
      let names = Set(program.graph.states.map(\.name))
      var needed = NamedTensors()
      for (name, tensor) in weights where names.contains(name) { needed[name] = tensor }
      return try program(input, state: program.state(needed))
    }
    return try run(model)
  }

  private func accuracy(_ result: Quantizer.Result) throws -> Double {
    try Evaluation(
      result.model, weights: result.tensors, data: Trained.data.test, on: Trained.device
    ).accuracy
  }

  @Test(
    "trained networks lose less than a point, however ranges are found",
    arguments: [0, 1], CalibrationMethod.allCases)
  func accuracy(_ index: Int, _ method: CalibrationMethod) throws {
    let trained = try Trained.all[index].get()
    #expect(trained.accuracy > 0.8 && trained.accuracy < 1, "\(trained.accuracy)")
    let result = try trained.quantized { $0.method = method }
    let found = try accuracy(result)
    #expect(found > trained.accuracy - 0.01, "\(found) of \(trained.accuracy)")
    let real = try answer(trained.model, trained.weights, on: Trained.device)
    let whole = try answer(result.model, result.tensors, on: Trained.device)
    let error = agreement(whole, real)
    #expect(error < 0.1 && error > 0, "\(error)")
  }

  @Test("every device answers as the oracle does, but for roundings", arguments: [0, 1])
  func devicesAgree(_ index: Int) throws {
    let trained = try Trained.all[index].get()
    let result = try trained.quantized()
    let expected = try answer(result.model, result.tensors, on: .oracle)
    for device in devices {
      let error = agreement(try answer(result.model, result.tensors, on: device), expected)
      // A number at a half may round to either side, and with it what follows: a step or two in 255.
      #expect(error < 0.01, "\(device): \(error)")
    }
  }

  @Test("between the first layer and the last all numbers are integers; batch norm is gone")
  func residualNetwork() throws {
    let trained = try Trained.all[1].get()
    let result = try trained.quantized()
    let graph = try program(result.model, on: .reference).graph
    let names = graph.nodes.map(\.op.name)
    func count(_ name: String) -> Int { names.filter { $0 == name }.count }
    #expect(result.layers.count == 8)
    #expect(count("quantized_convolution") == 8 && count("convolution") == 0)
    #expect(count("matmul") == 0 && count("batch_norm") == 0 && count("rsqrt") == 0)
    // The image and the pooled features are written; only the features to be averaged are read.
    #expect(count("quantize") == 2 && count("dequantize") == 1)
    #expect(graph.states.isEmpty)
    #expect(result.layers.filter { $0.residual != nil }.count == 3)
    #expect(result.layers.allSatisfy { $0.name == "fc" ? $0.output == nil : $0.output != nil })
    #expect(result.layers.first?.input.dtype == .int8 && result.layers[1].input.dtype == .uint8)
    #expect(result.tensors.allSatisfy { $0.name.hasSuffix(".weight") == ($0.value.dtype == .int8) })
  }

  @Test("layers that are kept stay as they were")
  func kept() throws {
    let trained = try Trained.all[0].get()
    let result = try trained.quantized { $0.kept = ["first", "last", "fc1"] }
    #expect(result.layers.map(\.name) == ["conv2", "fc2"])
    #expect(result.kept == ["conv1", "fc1", "fc3"])
    #expect(result.tensors["conv1.weight"] == trained.weights["conv1.weight"])
    #expect(try accuracy(result) > trained.accuracy - 0.01)
    #expect(throws: InspectError.self) { try trained.quantized { $0.kept = ["conv9"] } }
    #expect(throws: InspectError.self) {
      try trained.quantized { $0.kept = ["conv1", "conv2", "fc1", "fc2", "fc3"] }
    }
    #expect(throws: InspectError.self) { try trained.quantized { $0.samples = 0 } }
  }

  @Test("a shortcut around a layer whose input is read again")
  func fusedNet() throws {
    let model = FusedNet()
    let weights = try Naming(model).initialWeights(seed: 4)
    let type = TensorType(.float32, [2, 2, 8, 8])
    let images = try made(TensorType(.float32, [32, 2, 8, 8]), "images")
    let data = try TensorDataset(inputs: images, labels: [Int32](repeating: 0, count: 32))
    var quantizer = Quantizer()
    quantizer.batchSize = 8
    let result = try quantizer.quantize(
      model, weights: weights, input: [2, 8, 8], data: data, on: Trained.device)
    let input = try made(type, "input")
    let real = try Program(model, input: type, on: .reference)
    let expected = try real(input, state: real.state(weights))
    for device in devices {
      let program = try Program(result.model, input: type, on: device)
      let found = try program(input, state: program.state(result.tensors))
      #expect(agreement(found, expected) < 0.05, "\(device)")
    }
    #expect(result.layers.map(\.pattern).contains("convolution add multiply add residual relu"))
  }

  @Test("a quantised network does not learn")
  func training() throws {
    let result = try Trained.all[0].get().quantized()
    #expect(throws: TraceError.self) {
      try Program(
        result.model, input: TensorType(.float32, [1, 1, 12, 12]), mode: .training, on: .reference)
    }
  }
}

/// Files of quantised networks: read back as they were, or refused.
@Suite struct QuantizedFileTests {
  private func write(_ scratch: Scratch) throws -> (result: Quantizer.Result, path: String) {
    let result = try Trained.all[0].get().quantized()
    let path = "\(scratch.path)/int8.safetensors"
    var metadata = WeightsMetadata(Trained.data)
    metadata.model = "lenet5"
    try QuantizedFile.write(
      result, by: Quantizer(), data: "rows", metadata: metadata, model: "lenet5", to: path)
    return (result, path)
  }

  @Test("a file answers as the network did that was written")
  func roundTrip() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let (result, path) = try write(scratch)
    let read = try TrainedModel(nil, weights: path)
    #expect(read.isQuantized && read.classes == 10 && read.entry.id == "lenet5")
    let images = try (0..<5).map {
      try HostTensor(Trained.data.test.anySample($0), shape: [1, 12, 12])
    }
    let (a, b) = try (
      Classifier(result.model, weights: result.tensors, input: [1, 12, 12], on: Trained.device)
        .probabilities(images),
      Classifier(read.model, weights: read.weights, input: read.input, on: Trained.device)
        .probabilities(images)
    )
    #expect(a == b)
    let before = try Safetensors.encode(Trained.all[0].get().weights).count
    let after = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    #expect(after * 3 < before, "\(after) of \(before)")
  }

  struct Fault: Sendable, CustomStringConvertible {
    var description: String
    var says: String
    var tensors: @Sendable (inout NamedTensors) throws -> Void = { _ in }
    var text: @Sendable (String) -> String? = { $0 }
  }

  static let faults: [Fault] = [
    Fault(
      description: "a filter is missing", says: "lacks conv2.weight",
      tensors: { $0["conv2.weight"] = nil }),
    Fault(
      description: "the scales are missing", says: "lacks conv2.weight_scale",
      tensors: { $0["conv2.weight_scale"] = nil }),
    Fault(
      description: "a bias is missing", says: "lacks fc1.bias", tensors: { $0["fc1.bias"] = nil }),
    Fault(
      description: "filters are floating point", says: "conv1.weight should be i8",
      tensors: { $0["conv1.weight"] = $0["conv1.weight"]?.converted(to: .float32) }),
    Fault(
      description: "a scale is NaN", says: "conv1.weight_scale holds",
      tensors: { $0["conv1.weight_scale"] = HostTensor([Float](repeating: .nan, count: 6)) }),
    Fault(
      description: "a scale is negative", says: "not finite and above 0",
      tensors: { $0["conv1.weight_scale"] = HostTensor([Float](repeating: -1, count: 6)) }),
    Fault(
      description: "too few scales", says: "needs as many scales",
      tensors: { $0["conv1.weight_scale"] = HostTensor([Float](repeating: 1, count: 5)) }),
    Fault(
      description: "filters of other extents", says: "quantized_convolution",
      tensors: { $0["conv1.weight"] = HostTensor(zeros: TensorType(.int8, [6, 2, 5, 5])) }),
    Fault(
      description: "the text is no JSON", says: "quantise the network anew", text: { _ in "{" }),
    Fault(
      description: "another version", says: "quantise the network anew",
      text: { $0.replacingOccurrences(of: "\"version\":1", with: "\"version\":7") }),
    Fault(
      description: "an unknown layer", says: "no layer convx",
      tensors: { tensors in
        for end in ["weight", "weight_scale", "bias"] {
          tensors["convx.\(end)"] = tensors["conv1.\(end)"]
        }
      },
      text: { $0.replacingOccurrences(of: "\"conv1\"", with: "\"convx\"") }),
    Fault(
      description: "a layer twice", says: "describe every layer once",
      text: { $0.replacingOccurrences(of: "\"conv2\"", with: "\"conv1\"") }),
    Fault(
      description: "another reading of the network", says: "quantise it anew",
      text: { $0.replacingOccurrences(of: "convolution add relu", with: "convolution relu") }),
    Fault(
      description: "a scale of 0", says: "describe every layer once",
      text: { text in
        guard let mark = text.range(of: "\"scale\":") else { return text }
        return text[..<mark.upperBound] + "0,\"was\":" + text[mark.upperBound...]
      }),
    Fault(
      description: "no text at all", says: "the weights do not fit the network", text: { _ in nil }),
  ]

  @Test("what does not fit is refused with the reason", arguments: faults)
  func refuses(_ fault: Fault) throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let (_, path) = try write(scratch)
    var content = try Safetensors.read(path)
    try fault.tensors(&content.tensors)
    content.metadata["quantization"] = content.metadata["quantization"].flatMap(fault.text)
    let changed = "\(scratch.path)/changed.safetensors"
    try Safetensors.write(content.tensors, metadata: content.metadata, to: changed)
    do {
      _ = try TrainedModel(nil, weights: changed)
      Issue.record("it was read")
    } catch {
      #expect("\(error)".contains(fault.says), "\(error)")
    }
  }
}

extension Dataset {
  /// A sample's numbers.
  fileprivate func anySample(_ index: Int) throws -> [Float] {
    try Rows(count: count, seed: 2).sample(at: index).input
  }
}
