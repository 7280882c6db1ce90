import Striate

/// One run of a network on raw tensors.
struct RawRun {
  /// A layer's result that is wanted, and the file for it.
  struct Tap {
    var path: String
    var file: String
  }

  /// What a run gives.
  struct Result {
    var outputs: [(name: String, tensor: HostTensor)] = []
    var loss: Double?
    var gradients = NamedTensors()
    var taps: [HostTensor] = []
  }

  let entry: CatalogEntry
  let device: Device
  let taps: [Tap]
  private let model: any Layer
  private let weights: NamedTensors
  private let input: HostTensor
  private let target: HostTensor?
  private let seed: UInt64
  private let wantsGradients: Bool
  private let isTraining: Bool

  init(
    model name: String, weights: String?, seed: UInt64?, classes: Int?, input path: String,
    target: String?, taps: [Tap], wantsGradients: Bool, isTraining: Bool, on device: Device
  ) throws {
    entry = try Catalog.find(name)
    let input = try NPY.read(path).converted(to: .float32)
    self.input = input
    guard input.shape.rank >= 2, input.count > 0 else {
      throw InspectError(.mismatch, "\(path): expected a batch [N, …], found \(input.type)")
    }
    let shape = Shape(Array(input.shape.dims.dropFirst()))
    if let weights {
      let trained = try TrainedModel(name, weights: weights, classes: classes, input: shape)
      self.model = trained.model
      self.weights = trained.weights
    } else {
      self.model = entry.model(classes: classes, input: shape)
      self.weights = try Naming(self.model).initialWeights(seed: seed ?? 0)
    }
    self.target = try target.map { try Self.labels($0, count: input.shape[0]) }
    self.seed = seed ?? 0
    self.taps = taps
    self.wantsGradients = wantsGradients
    self.isTraining = isTraining
    self.device = device
  }

  func run() throws -> Result { try run(model) }

  private func run(_ model: some Layer) throws -> Result {
    let naming = Naming(model)
    var gradients: [String] = []
    let options = TraceOptions(mode: isTraining ? .training : .inference)
    let program = try Program(on: device, options: options, naming: naming) { builder in
      let answer = model(builder.input("input", input.type))
      builder.output("output", answer)
      for (index, tap) in taps.enumerated() { try add(tap, index, to: builder) }
      guard let target, !answer.isPoisoned else { return }
      try check(target, classes: answer.shape[-1])
      let loss = CrossEntropyLoss()(answer, builder.input("target", target.type))
      builder.output("loss", loss)
      guard wantsGradients else { return }
      let learned = naming.parameters.filter { $0.parameter.role == .weight }
      let tensors = learned.map { builder.read($0.parameter) }
      for (entry, gradient) in zip(learned, builder.gradients(of: loss, in: tensors)) {
        builder.output("gradient:\(entry.path)", gradient)
        gradients.append(entry.path)
      }
    }
    var fed = ["input": input]
    fed["target"] = target
    fed["random.key"] = HostTensor([Int64(bitPattern: seed), 0])
    let outputs = try program.run(fed, state: program.state(weights))
    var result = Result()
    for name in program.graph.outputs.map(\.name) where name == "output" {
      if let tensor = outputs[name] { result.outputs.append((name, tensor)) }
    }
    result.loss = outputs["loss"]?.scalars(as: Double.self).first
    for path in gradients { result.gradients[path] = outputs["gradient:\(path)"] }
    result.taps = taps.indices.compactMap { outputs["tap:\($0)"] }
    return result
  }

  /// Makes a layer's result an output.
  private func add(_ tap: Tap, _ index: Int, to builder: GraphBuilder) throws {
    guard let call = builder.graph.calls.first(where: { $0.path == tap.path }),
      let value = call.outputs.first, value != .poison
    else {
      let known = builder.graph.calls.map(\.path).filter { !$0.isEmpty }
      throw InspectError(
        .usage,
        "no layer is called '\(tap.path)'; \(NearMiss.hint(for: tap.path, among: known))")
    }
    builder.output("tap:\(index)", Tensor(builder: builder, id: value))
  }

  private func check(_ target: HostTensor, classes: Int) throws {
    let bad = target.scalars(as: Int32.self).first { $0 < 0 || Int($0) >= classes }
    if let bad {
      throw InspectError(
        .mismatch, "the target has class \(bad), the network tells \(classes) classes apart")
    }
  }

  // MARK: Arguments

  /// The one input's file, from `[NAME=]FILE.npy`.
  static func single(_ inputs: [String]) throws -> String {
    guard let first = inputs.first, inputs.count == 1 else {
      throw InspectError(.usage, "the networks so far take one input, found \(inputs.count)")
    }
    guard let mark = first.firstIndex(of: "=") else { return first }
    guard first[..<mark] == "input" else {
      // A path may hold the sign too.
      if first[..<mark].contains("/") { return first }
      throw InspectError(
        .usage, "the network has no input '\(first[..<mark])'; its only one is 'input'")
    }
    return String(first[first.index(after: mark)...])
  }

  /// What is wanted, from `PATH=FILE.npy`.
  static func taps(_ arguments: [String]) throws -> [Tap] {
    try arguments.map { argument in
      guard let mark = argument.firstIndex(of: "="), mark != argument.startIndex,
        argument.index(after: mark) != argument.endIndex
      else { throw InspectError(.usage, "--tap takes PATH=FILE.npy, found '\(argument)'") }
      return Tap(
        path: String(argument[..<mark]), file: String(argument[argument.index(after: mark)...]))
    }
  }

  /// Classes from a file.
  private static func labels(_ path: String, count: Int) throws -> HostTensor {
    let labels = try NPY.read(path)
    guard labels.shape.dims == [count], !labels.dtype.isFloatingPoint else {
      throw InspectError(
        .mismatch, "\(path): expected whole numbers [\(count)], found \(labels.type)")
    }
    return labels.converted(to: .int32)
  }
}
