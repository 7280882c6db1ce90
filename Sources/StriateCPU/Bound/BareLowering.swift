import CDNNL
import StriateCore
import StriateIR
import StriateRuntime

/// Turns a graph into the library's bare kernels; see `BareProgram`.
struct BareLowering {
  let graph: Graph
  let thread: EngineThread
  let grouping: Grouping
  private(set) var plan = Plan()
  /// The program's edges: its states are weights.
  private(set) var edges = Graph()

  /// Layouts that kernels chose for what they compute.
  var layouts: [ValueID: Layout] = [:]
  /// Forward kernels that gradients want as hints.
  var batchNorms: [ValueID: BareHint] = [:]
  var pools: [(key: PoolKey, hint: BareHint)] = []

  private let results: Set<ValueID>
  /// Whether a value depends on what the program is fed; others are weights.
  private let isFed: [Bool]
  private var places: [ValueID: BufferID] = [:]
  /// The number of the step that last wrote a piece of memory.
  private var written: [BufferID: Int] = [:]
  private var weights: [ValueID: [Placed]] = [:]

  struct PoolKey: Hashable {
    let source: ValueID
    let op: Op
  }

  /// A forward kernel, its workspace, and whether ReLU is part of it.
  struct BareHint {
    let descriptor: PrimitiveDescriptor
    let workspace: Placed?
    var relu = false
  }

  init(_ graph: Graph, engine: EngineThread) {
    self.graph = graph
    thread = engine
    grouping = Grouping(graph)
    results = Set(graph.results)
    var isFed = [Bool](repeating: false, count: graph.types.count)
    for port in graph.inputs { isFed[port.value.index] = true }
    for node in graph.nodes where node.inputs.contains(where: { isFed[$0.index] }) {
      for output in node.outputs { isFed[output.index] = true }
    }
    self.isFed = isFed
  }

  var engine: dn_engine? { thread.engine }

  /// Whether gradients follow, for which forward kernels keep what they need.
  var trains: Bool { graph.nodes.contains { $0.phase == .backward } }

  /// Makes the steps of the whole graph but for its updates.
  mutating func lower() throws {
    for node in graph.nodes where node.phase != .update {
      if isKernel(node), try lower(node) { continue }
      passThrough(node)
    }
  }

  private func isKernel(_ node: Node) -> Bool {
    (node.inputs + node.outputs).allSatisfy {
      graph.type($0).dtype == .float32 && graph.type($0).shape.count > 0
    } && node.outputs.allSatisfy { isFed[$0.index] }
  }

  private mutating func lower(_ node: Node) throws -> Bool {
    switch node.op {
    case .convolution(let op): try convolution(op, node)
    case .convolutionBackwardInput(let op): try inputGradient(op, node)
    case .convolutionBackwardFilter(let op): try filterGradient(op, node)
    case .matmul(let op): try matmul(op, node)
    case .batchNorm(let op): return try batchNorm(op, node)
    case .batchNormBackward(let op): return try batchNormBackward(op, node)
    case .maxPool(let op): return try pool(op.window, .max, node)
    case .maxPoolBackward(let op):
      let forward = Op.maxPool(MaxPool(op.window))
      return try poolBackward(op.window, .max, node, dy: node.inputs[2], of: forward)
    case .averagePool(let op):
      return try pool(op.window, .mean(countsPadding: op.countsPadding), node)
    case .averagePoolBackward(let op):
      let forward = Op.averagePool(AveragePool(op.window, countsPadding: op.countsPadding))
      return try poolBackward(
        op.window, .mean(countsPadding: op.countsPadding), node, dy: node.inputs[0], of: forward)
    default: return false
    }
    return true
  }

  /// What no kernel here computes lies where its latest operand of as many elements lies.
  private mutating func passThrough(_ node: Node) {
    for output in node.outputs where isFed[output.index] && places[output] == nil {
      let type = graph.type(output)
      let source = node.inputs.filter {
        places[$0] != nil && graph.type($0).dtype == type.dtype
          && graph.type($0).shape.count == type.shape.count
      }.max { age($0) < age($1) }
      guard let source else { continue }
      places[output] = places[source]
      if graph.type(source) == type { layouts[output] = layouts[source] }
    }
  }

  private func age(_ id: ValueID) -> Int { places[id].flatMap { written[$0] } ?? -1 }

  // MARK: Memory

  /// The memory of an operand in a layout.
  mutating func operand(_ id: ValueID, _ layout: Layout) -> Placed {
    if !isFed[id.index] {
      if let known = weights[id]?.first(where: { $0.layout.matches(layout) }) {
        return Placed(buffer: known.buffer, layout: layout)
      }
      let placed = weight(layout)
      weights[id, default: []].append(placed)
      return placed
    }
    let buffer = places[id] ?? plan.buffer(.arena(bytes: 0))
    places[id] = buffer
    grow(buffer, to: layout.byteCount)
    return Placed(buffer: buffer, layout: layout)
  }

  /// Memory that stays, with numbers in it.
  mutating func weight(_ layout: Layout) -> Placed {
    let index = edges.states.count
    let value = edges.addValue(layout.type)
    edges.states.append(Graph.State(name: "\(index)", value: value))
    plan.stateLayouts.append(layout)
    return Placed(buffer: plan.buffer(.state(index)), layout: layout)
  }

  /// New memory for values that are one here, as their kernel is one.
  mutating func define(_ ids: [ValueID], _ layout: Layout) -> Placed {
    let placed = scratch(layout)
    for id in ids {
      places[id] = placed.buffer
      layouts[id] = layout
    }
    return placed
  }

  /// New memory in a layout.
  mutating func scratch(_ layout: Layout) -> Placed {
    Placed(buffer: plan.buffer(.arena(bytes: layout.byteCount)), layout: layout)
  }

  private mutating func grow(_ buffer: BufferID, to bytes: Int) {
    guard case .arena(let known) = plan.homes[buffer.index] else { return }
    plan.homes[buffer.index] = .arena(bytes: max(known, bytes))
  }

  /// The layout in which a value is best read: as its kernel made it, else as a convolution of 1 wants it.
  mutating func layout(of id: ValueID) throws -> Layout {
    if let known = layouts[id] { return known }
    let type = graph.type(id)
    let layout = try preferred(type)
    layouts[id] = layout
    return layout
  }

  // MARK: Steps

  /// Adds a kernel.
  mutating func add(
    _ name: String, _ descriptor: PrimitiveDescriptor, reads: [(argument: Int, operand: Placed)],
    writes: [(argument: Int, operand: Placed)], for node: Node
  ) throws {
    let bytes = descriptor.byteCount(Int(DN_QUERY_SCRATCHPAD))
    let scratch = bytes > 0 ? plan.buffer(.arena(bytes: bytes)) : nil
    for (_, operand) in writes { written[operand.buffer] = plan.steps.count }
    plan.steps.append(
      Step(
        body: .primitive(try Primitive(descriptor), reads + writes, scratch: scratch),
        reads: reads.map(\.operand.buffer),
        writes: writes.map(\.operand.buffer) + (scratch.map { [$0] } ?? []),
        kernel: ExecutionReport.Kernel(
          name: name, implementation: descriptor.implementation, path: node.path,
          phase: node.phase)))
  }

  // MARK: Chains

  /// What runs in a kernel after its main operation.
  struct Chain {
    /// The kernel's value and those that follow, all of which are its result.
    var values: [ValueID]
    var hasBias = false
    var activates = false
  }

  /// Arithmetic with a number a channel, which folds into filter and bias, then ReLU, which a clamp counts as.
  func chain(after first: ValueID) -> Chain {
    var chain = Chain(values: [first])
    var last = first
    while let next = grouping.onlyConsumer(last, results) {
      let node = graph.nodes[next]
      switch node.op {
      case .unary(let op) where op.kind == .relu: chain.activates = true
      case .binary(let op):
        guard let other = node.inputs.first(where: { $0 != last }), !isFed[other.index] else {
          return chain
        }
        switch op.kind {
        case .add, .subtract, .multiply, .divide:
          guard !chain.activates, grouping.channelVector(other) != nil else { return chain }
          chain.hasBias = true
        case .maximum, .minimum: chain.activates = true
        default: return chain
        }
      default: return chain
      }
      last = node.outputs[0]
      chain.values.append(last)
    }
    return chain
  }

  /// The ReLU that alone reads a value.
  func relu(after id: ValueID) -> ValueID? {
    guard let next = grouping.onlyConsumer(id, results),
      case .unary(let op) = graph.nodes[next].op, op.kind == .relu
    else { return nil }
    return graph.nodes[next].outputs[0]
  }

  /// Whether a convolution's output gradient is also summed for its bias.
  func hasBiasGradient(_ dy: ValueID) -> Bool {
    let shape = graph.type(dy).shape
    return grouping.consumers[dy.index].contains { reader in
      guard case .reduce(let op) = graph.nodes[reader].op, op.kind == .sum else { return false }
      return !op.axes.contains(1)
        && (0..<shape.rank).allSatisfy { $0 == 1 || op.axes.contains($0) || shape[$0] == 1 }
    }
  }
}
