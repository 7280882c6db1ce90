import StriateCore

/// What a trace is for: chosen per trace, never stored in a layer.
public struct TraceOptions: Sendable, Hashable {
  /// Whether batch statistics and dropout are those of training or of use.
  public enum Mode: String, Sendable, Hashable { case training, inference }

  /// Whether batch statistics and dropout are those of training or of use.
  public var mode: Mode
  /// Paths whose parameters get no gradient and whose batch norms keep their statistics.
  public var frozen: Set<String>

  /// Options of a trace.
  public init(mode: Mode, frozen: Set<String> = []) {
    self.mode = mode
    self.frozen = frozen
  }

  /// Whether a path lies at or under a frozen prefix.
  public func isFrozen(_ path: String) -> Bool {
    frozen.contains { path == $0 || path.hasPrefix($0 + ".") || $0.isEmpty }
  }
}

/// A graph under construction, with the names of the model's layers and the faults found so far.
public final class GraphBuilder {
  /// What has been built.
  public var graph = Graph()
  /// What the trace is for.
  public let options: TraceOptions
  /// The names of the model's parameters and layers.
  public let naming: Naming
  /// The faults found so far.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The layer call that is being traced.
  public package(set) var scope = ""
  /// The part of the step that is being built.
  public var phase = Phase.forward

  /// Answers of heads beside the last one, whose losses are added to its loss in training.
  public private(set) var auxiliaryAnswers: [(logits: Tensor, weight: Double)] = []

  private var parameterReads: [ObjectIdentifier: Tensor] = [:]
  private var callCounts: [String: Int] = [:]
  private var key: Tensor?
  private var depth = 0
  private var callSite: SourceLocation?

  /// An empty graph for a model with these names.
  public init(options: TraceOptions = TraceOptions(mode: .inference), naming: Naming = Naming()) {
    self.options = options
    self.naming = naming
    for warning in naming.warnings {
      diagnostics.append(Diagnostic(.warning, path: "", op: "model", message: warning))
    }
  }

  /// Adds the answer of an auxiliary head: its loss, multiplied by a weight, is added to that of the model's own answer
  /// (Szegedy et al., "Going deeper with convolutions", CVPR 2015, section 5).
  public func addAuxiliary(_ logits: Tensor, weight: Double) {
    auxiliaryAnswers.append((logits, weight))
  }

  // MARK: Operations

  /// Applies an operation; a refusal is recorded and its results are poisoned.
  public func apply(
    _ op: Op, _ inputs: [Tensor], results: Int = 1, at location: SourceLocation? = nil
  ) -> [Tensor] {
    if inputs.contains(where: \.isPoisoned) { return poisoned(results) }
    let location = location ?? callSite
    let types: [TensorType]
    do throws(ShapeError) {
      try expect(inputs.allSatisfy { $0.builder === self }, "takes tensors of one trace")
      types = try op.rule.infer(inputs.map(\.type))
      for type in types { try expectMakeable(type) }
    } catch {
      diagnostics.append(
        Diagnostic(
          .error, path: scope, op: op.name, operands: inputs.map(\.type), message: error.message,
          location: location))
      return poisoned(results)
    }
    let outputs = types.map { graph.addValue($0) }
    graph.nodes.append(
      Node(
        op: op, inputs: inputs.map(\.id), outputs: outputs, path: scope, phase: phase,
        location: location))
    return outputs.map { Tensor(builder: self, id: $0) }
  }

  /// Applies an operation with one result.
  public func one(_ op: Op, _ inputs: Tensor..., at location: SourceLocation? = nil) -> Tensor {
    apply(op, inputs, at: location)[0]
  }

  private func poisoned(_ count: Int) -> [Tensor] {
    [Tensor](repeating: Tensor(builder: self, id: .poison), count: count)
  }

  /// Records a fault and returns a poisoned tensor.
  public func refuse(
    _ op: String, _ message: String, operands: [Tensor] = [], at location: SourceLocation? = nil
  ) -> Tensor {
    if !operands.contains(where: \.isPoisoned) {
      diagnostics.append(
        Diagnostic(
          .error, path: scope, op: op, operands: operands.map(\.type), message: message,
          location: location ?? callSite))
    }
    return Tensor(builder: self, id: .poison)
  }

  /// Throws a refusal for a type that no machine can hold.
  private func expectMakeable(_ type: TensorType) throws(ShapeError) {
    try expect(!type.shape.dims.contains { $0 < 0 }, "\(type) has a negative extent")
    try expect(type.byteCount <= 1 << 46, "\(type) is too large for any machine")
    try expect(
      type.shape.dims.allSatisfy { $0 < 1 << 46 }, "\(type) has an extent beyond all bounds")
  }

  /// A value at the graph's edge: the known one of that name, a new one, or a refusal.
  private func edge(
    _ kind: String, _ name: String, _ type: TensorType, known: ValueID?, add: (ValueID) -> Void
  ) -> Tensor {
    if let known {
      if graph.type(known) == type { return Tensor(builder: self, id: known) }
      return refuse(kind, "\(name) is \(graph.type(known)) already, asked for as \(type)")
    }
    do throws(ShapeError) {
      try expectMakeable(type)
    } catch {
      return refuse(kind, "\(name): \(error.message)")
    }
    let id = graph.addValue(type)
    add(id)
    return Tensor(builder: self, id: id)
  }

  // MARK: Edges

  /// A tensor that every run is fed under this name.
  public func input(_ name: String, _ type: TensorType) -> Tensor {
    let known = graph.inputs.first { $0.name == name }?.value
    return edge("input", name, type, known: known) {
      graph.inputs.append(Graph.Port(name: name, value: $0))
    }
  }

  /// Returns a tensor from every run under this name.
  public func output(_ name: String, _ tensor: Tensor) {
    if tensor.isPoisoned { return }
    if graph.outputs.contains(where: { $0.name == name }) {
      _ = refuse("output", "there are two outputs named \(name)", operands: [tensor])
      return
    }
    graph.outputs.append(Graph.Port(name: name, value: tensor.id))
  }

  /// A tensor that stays on the device under this name.
  public func state(_ name: String, _ type: TensorType) -> Tensor {
    let known = graph.states.first { $0.name == name }?.value
    return edge("state", name, type, known: known) {
      graph.states.append(Graph.State(name: name, value: $0, update: nil))
    }
  }

  /// Replaces a state at the end of the run.
  public func update(_ name: String, _ tensor: Tensor) {
    guard let index = graph.states.firstIndex(where: { $0.name == name }) else {
      _ = refuse("update", "there is no state named \(name)")
      return
    }
    if tensor.isPoisoned { return }
    let state = graph.type(graph.states[index].value)
    if tensor.type != state {
      _ = refuse("update", "\(name) is \(state), its new value \(tensor.type)")
      return
    }
    graph.states[index].update = tensor.id
  }

  /// The program's random key `[seed, step]`, fed as the input `random.key`.
  public var randomKey: Tensor {
    if let key { return key }
    let made = input("random.key", TensorType(.int64, [2]))
    key = made
    return made
  }

  // MARK: Parameters and layers

  /// The tensor that a parameter stands for in this trace.
  public func read(_ parameter: Parameter) -> Tensor {
    let identity = ObjectIdentifier(parameter)
    if let known = parameterReads[identity] { return known }
    let tensor: Tensor
    if let fault = parameter.fault {
      tensor = refuse("parameter", fault)
    } else if let name = naming.path(of: parameter) {
      tensor = state(name, parameter.type)
    } else {
      tensor = refuse(
        "parameter",
        "a parameter of type \(parameter.type) is no stored property of the model: keep its layer in a "
          + "property, made once in `init`")
    }
    parameterReads[identity] = tensor
    return tensor
  }

  /// Keeps a tensor as a buffer's new value: batch norm's running statistics.
  public func store(_ tensor: Tensor, into parameter: Parameter) {
    let current = read(parameter)
    if current.isPoisoned || tensor.isPoisoned { return }
    if let name = naming.path(of: parameter) { update(name, tensor) }
  }

  /// Traces a layer's call in its own scope and records it.
  ///
  /// Faults inside it are reported at the call's line, unless the framework itself made the call.
  func call<Input, Output>(
    _ layer: some Any, _ input: Input, at site: SourceLocation, _ body: (Input) -> Output
  ) -> Output {
    let outer = scope
    let outerSite = callSite
    depth += 1
    defer {
      scope = outer
      callSite = outerSite
      depth -= 1
    }
    let module = site.fileID.prefix { $0 != "/" }
    if !["StriateIR", "StriateNN", "StriateRuntime", "StriateTraining"].contains(module) {
      callSite = site
    }
    let place = outer.withoutCallNumber
    if let path = naming.path(ofLayer: layer, under: place, insideRoot: depth > 1) {
      let count = callCounts[path, default: 0]
      callCounts[path] = count + 1
      scope = count == 0 ? path : "\(path)#\(count)"
    }
    let result = body(input)
    graph.calls.append(
      Graph.LayerCall(
        path: scope, kind: String(describing: Swift.type(of: layer)),
        inputs: (input as? any TensorGroup)?.namedTensors.map(\.tensor.id) ?? [],
        outputs: (result as? any TensorGroup)?.namedTensors.map(\.tensor.id) ?? []))
    return result
  }

  /// The finished graph.
  ///
  /// - Throws: `TraceError` with every fault that was found.
  public func finish() throws(TraceError) -> Graph {
    let errors = diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { throw TraceError(errors) }
    return graph
  }

  /// The number of the next random draw in this scope: its n-th call.
  func nextDraw() -> Int {
    let name = scope + "/random"
    defer { callCounts[name, default: 0] += 1 }
    return callCounts[name, default: 0]
  }
}

extension String {
  /// A scope's path without its call number: the scope of `recur#2` is that of `recur`.
  var withoutCallNumber: String {
    guard let mark = lastIndex(of: "#") else { return self }
    return self[index(after: mark)...].allSatisfy(\.isNumber) ? String(self[..<mark]) : self
  }
}
