import StriateCore
import StriateIR

/// Builds a graph anew with integer layers in place of the quantised ones.
///
/// Each value is kept as it was made, as real numbers or in 8 bits, and turned into the other where a
/// reader wants that. What nothing reads any more, such as batch norm's statistics, is left out.
struct QuantizedReplay {
  private let graph: Graph
  private let builder: GraphBuilder
  private let layers: [String: QuantizedLayer]
  private let tensors: NamedTensors
  private var siteOf: [Int: QuantizationSite] = [:]
  private var real: [ValueID: Tensor] = [:]
  private var bytes: [ValueID: (tensor: Tensor, how: Quantization)] = [:]
  /// Values that were made in 8 bits.
  private var isMadeInBytes: Set<ValueID> = []

  init(
    _ graph: Graph, _ layers: [String: QuantizedLayer], _ tensors: NamedTensors,
    into builder: GraphBuilder
  ) throws {
    self.graph = graph
    self.builder = builder
    self.layers = layers
    self.tensors = tensors
    let sites = QuantizationSites(graph).sites
    for site in sites {
      guard let layer = layers[site.name] else { continue }
      guard layer.pattern == site.pattern, (layer.residual == nil) == (site.residual == nil) else {
        throw InspectError(
          .mismatch,
          "the quantised layer \(site.name) was made of '\(layer.pattern)', this network has "
            + "'\(site.pattern)'; quantise it anew")
      }
      for position in site.nodes { siteOf[position] = site }
    }
    let known = Set(sites.map(\.name))
    if let stranger = layers.keys.filter({ !known.contains($0) }).min() {
      throw InspectError(
        .mismatch, "the network has no layer \(stranger) that could be quantised; quantise it anew")
    }
  }

  /// Replays all that the result needs.
  mutating func run(_ input: Tensor) throws -> Tensor {
    guard let result = graph.outputs.first?.value else {
      throw InspectError(.mismatch, "the network has no output")
    }
    let needed = needed(by: result)
    for port in graph.inputs where needed.contains(port.value) {
      real[port.value] = port.name == "random.key" ? builder.randomKey : input
    }
    for state in graph.states where needed.contains(state.value) {
      real[state.value] = builder.state(state.name, graph.type(state.value))
    }
    let scope = builder.scope
    defer { builder.scope = scope }
    for (position, node) in graph.nodes.enumerated() {
      guard node.outputs.contains(where: needed.contains) else { continue }
      builder.scope = node.path
      if let site = siteOf[position] {
        if site.nodes.last == position { try emit(site) }
      } else if !moveBytes(node) {
        let inputs = try node.inputs.map { try realValue($0) }
        let outputs = builder.apply(
          node.op, inputs, results: node.outputs.count, at: node.location)
        for (id, tensor) in zip(node.outputs, outputs) { real[id] = tensor }
      }
    }
    let answer = try realValue(result)
    recordCalls()
    return answer
  }

  private func needed(by result: ValueID) -> Set<ValueID> {
    var needed: Set<ValueID> = [result]
    for (position, node) in graph.nodes.enumerated().reversed() {
      guard node.outputs.contains(where: needed.contains) else { continue }
      if let site = siteOf[position] {
        needed.insert(site.input)
        if let residual = site.residual { needed.insert(residual) }
      } else {
        needed.formUnion(node.inputs)
      }
    }
    return needed
  }

  // MARK: Layers

  private mutating func emit(_ site: QuantizationSite) throws {
    guard let layer = layers[site.name] else { return }
    let names = layer.tensorNames
    guard let weight = tensors[names.weight], let scale = tensors[names.scale] else {
      throw InspectError(
        .mismatch, "the quantised layer \(site.name) lacks \(names.weight) or \(names.scale)")
    }
    // A bias that is no part of the site is an addition that stayed outside.
    let bias = site.steps.isEmpty ? nil : tensors[names.bias]
    if bias == nil, !site.steps.isEmpty {
      throw InspectError(.mismatch, "the quantised layer \(site.name) lacks \(names.bias)")
    }
    let rule = QuantizedConvolution(
      site.convolution, input: layer.input,
      filter: Quantization(scale: scale.scalars(as: Double.self), axis: 0),
      output: layer.output, hasBias: bias != nil, residual: layer.residual, relu: site.relu)
    let x = try byteValue(site.input, layer.input)
    let residual = try site.residual.flatMap { id in
      try layer.residual.map { try byteValue(id, $0) }
    }
    var y = quantizedConvolution(
      x, builder.constant(weight), bias: bias.map(builder.constant), residual: residual, rule)
    if let output = layer.output {
      bytes[site.output] = (y, output)
      isMadeInBytes.insert(site.output)
    } else {
      if let bound = site.bound { y = minimum(y, bound) }
      real[site.output] = y
    }
  }

  /// Moves numbers as integers if all of them are, in one way.
  private mutating func moveBytes(_ node: Node) -> Bool {
    guard ActivationClasses.moves(node), node.outputs.count == 1,
      node.inputs.allSatisfy(isMadeInBytes.contains), let how = bytes[node.inputs[0]]?.how
    else { return false }
    let inputs = node.inputs.compactMap { bytes[$0] }
    guard inputs.allSatisfy({ $0.how == how }) else { return false }
    let tensor = builder.apply(node.op, inputs.map(\.tensor), at: node.location)[0]
    bytes[node.outputs[0]] = (tensor, how)
    isMadeInBytes.insert(node.outputs[0])
    return true
  }

  // MARK: Values

  private mutating func realValue(_ id: ValueID) throws -> Tensor {
    if let known = real[id] { return known }
    guard let (tensor, how) = bytes[id] else {
      throw InspectError(.mismatch, "the network reads \(id) before it is made")
    }
    let made = tensor.dequantized(how)
    real[id] = made
    return made
  }

  private mutating func byteValue(_ id: ValueID, _ how: Quantization) throws -> Tensor {
    if let known = bytes[id], known.how == how { return known.tensor }
    let made = try realValue(id).quantized(how)
    if bytes[id] == nil { bytes[id] = (made, how) }
    return made
  }

  /// The layers' calls whose results are still there, for taps and summaries.
  private func recordCalls() {
    func tensor(_ id: ValueID) -> ValueID { (real[id] ?? bytes[id]?.tensor)?.id ?? .poison }
    for call in graph.calls where !call.path.isEmpty {
      var mapped = call
      mapped.inputs = call.inputs.map(tensor)
      mapped.outputs = call.outputs.map(tensor)
      if mapped.outputs.allSatisfy({ $0 != .poison }) { builder.graph.calls.append(mapped) }
    }
  }
}
