import Striate

/// One run of a network on raw tensors.
struct RawRun {
  /// A value inside the network that is wanted, by its name, and the file for it.
  struct Wanted {
    var name: String
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
  let taps: [Wanted]
  private let model: any Layer
  private let weights: NamedTensors
  private let input: HostTensor
  private let target: HostTensor?
  private let seed: UInt64
  private let wantsGradients: Bool
  private let isTraining: Bool

  /// - Parameter path: the input; nil for one image of zeros, as the network is made for.
  init(
    model name: String, weights: String?, seed: UInt64?, classes: Int?, input path: String?,
    target: String?, taps: [Wanted], wantsGradients: Bool, isTraining: Bool, on device: Device
  ) throws {
    entry = try Catalog.find(name)
    let input =
      try path.map { try NPY.read($0).converted(to: .float32) }
      ?? HostTensor(zeros: TensorType(.float32, Shape([1] + entry.input.dims)))
    self.input = input
    guard input.shape.rank >= 2, input.count > 0 else {
      throw InspectError(
        .mismatch, "\(path ?? "the input"): expected a batch [N, …], found \(input.type)")
    }
    let shape = Shape(Array(input.shape.dims.dropFirst()))
    if let weights {
      let trained = try TrainedModel(name, weights: weights, classes: classes, input: shape)
      if trained.isQuantized, wantsGradients || taps.contains(where: { $0.name.hasSuffix(".grad") })
      {
        throw InspectError(
          .usage, "\(trained.path) holds a quantised network, which has no gradients")
      }
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

  /// The values inside the network that can be tapped.
  func tappable() throws -> [(tap: Tap, kind: String, type: TensorType)] {
    func list(_ model: some Layer) throws -> [(tap: Tap, kind: String, type: TensorType)] {
      let mode: TraceOptions.Mode = isTraining ? .training : .inference
      let builder = GraphBuilder(options: TraceOptions(mode: mode), naming: Naming(model))
      _ = model(builder.input("input", input.type))
      return Tap.all(in: try builder.finish())
    }
    return try list(model)
  }

  private func run(_ model: some Layer) throws -> Result {
    let naming = Naming(model)
    var gradients: [String] = []
    let options = TraceOptions(mode: isTraining ? .training : .inference)
    let program = try Program(on: device, options: options, naming: naming) { builder in
      let answer = model(builder.input("input", input.type))
      builder.output("output", answer)
      if answer.isPoisoned { return }
      let taps = try taps.map { try Tap($0.name, in: builder.graph) }
      for (index, tap) in taps.enumerated() where !tap.isGradient {
        if let tensor = tap.tensor(in: builder) { builder.output("tap:\(index)", tensor) }
      }
      guard let target else { return try refuseGradients(taps) }
      try check(target, classes: answer.shape[-1])
      let loss = CrossEntropyLoss()(answer, builder.input("target", target.type))
      builder.output("loss", loss)
      let learned = wantsGradients ? naming.parameters.filter { $0.parameter.role == .weight } : []
      let tapped = taps.enumerated().filter { $0.element.isGradient }.compactMap { index, tap in
        tap.tensor(in: builder).map { (index: index, tensor: $0) }
      }
      let found = builder.gradients(
        of: loss, in: learned.map { builder.read($0.parameter) } + tapped.map(\.tensor))
      for (entry, gradient) in zip(learned, found) {
        builder.output("gradient:\(entry.path)", gradient)
        gradients.append(entry.path)
      }
      for (tap, gradient) in zip(tapped, found.dropFirst(learned.count)) {
        builder.output("tap:\(tap.index)", gradient)
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

  private func refuseGradients(_ taps: [Tap]) throws {
    if let tap = taps.first(where: \.isGradient) {
      throw InspectError(.usage, "--tap \(tap) is a gradient of the loss, which needs --target")
    }
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
  static func taps(_ arguments: [String]) throws -> [Wanted] {
    let wanted = try arguments.map { argument in
      guard let mark = argument.firstIndex(of: "="), mark != argument.startIndex,
        argument.index(after: mark) != argument.endIndex
      else {
        throw InspectError(
          .usage,
          "--tap takes PATH=FILE.npy, or 'list' alone to show the paths; found '\(argument)'")
      }
      return Wanted(
        name: String(argument[..<mark]), file: String(argument[argument.index(after: mark)...]))
    }
    var files: Set<String> = []
    for tap in wanted where !files.insert(tap.file).inserted {
      throw InspectError(.usage, "two taps would be written to \(tap.file)")
    }
    return wanted
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
