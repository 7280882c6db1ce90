import CDNNL
import CKernels
import StriateCore
import StriateIR
import StriateRuntime

/// Turns a graph into steps: chooses kernels and layouts, inserts reorders where choices meet.
struct Lowering {
  let graph: Graph
  let thread: EngineThread
  let grouping: Grouping
  /// What no run changes.
  let fixed: FixedValues
  /// The kernels of convolutions that were chosen by trying.
  let ways: [ConvolutionKey: ConvolutionWay]
  var plan = Plan()

  /// Where values lie; several places if a reorder made a copy.
  var places: [ValueID: [Placed]] = [:]
  /// Forward descriptors that gradients want as hints, and their workspaces.
  var hints: [HintKey: Hint] = [:]
  /// Where our own max pooling left the places of the maxima.
  var maxima: [HintKey: BufferID] = [:]

  /// Results of batch norms that are made again for filters' gradients.
  var remakeable: [ValueID: RemakeableBatchNorm] = [:]

  private let results: Set<ValueID>
  private var isLowered: [Bool]
  private let stateIndex: [ValueID: Int]
  private var stateBuffers: [BufferID] = []
  private var stateLayouts: [Layout?]

  struct HintKey: Hashable {
    let source: ValueID
    let op: Op
  }

  struct Hint {
    let descriptor: PrimitiveDescriptor
    let workspace: BufferID?
  }

  init(_ graph: Graph, engine: EngineThread, ways: [ConvolutionKey: ConvolutionWay] = [:]) {
    self.graph = graph
    self.ways = ways
    thread = engine
    grouping = Grouping(graph)
    fixed = FixedValues(graph)
    results = Set(graph.results)
    isLowered = [Bool](repeating: false, count: grouping.groups.count)
    stateLayouts = [Layout?](repeating: nil, count: graph.states.count)
    var indices: [ValueID: Int] = [:]
    for (index, state) in graph.states.enumerated() { indices[state.value] = index }
    stateIndex = indices
    for index in graph.states.indices { stateBuffers.append(plan.buffer(.state(index))) }
  }

  var engine: dn_engine? { thread.engine }

  /// The steps of the whole graph.
  mutating func lower() throws -> Plan {
    guard grouping.isOrdered else {
      throw CPUError(
        .callFailed, "the graph's nodes were joined into kernels that await each other")
    }
    for (index, port) in graph.inputs.enumerated() {
      let layout = try Layout.plain(graph.type(port.value))
      places[port.value] = [Placed(buffer: plan.buffer(.input(index)), layout: layout)]
    }
    for index in grouping.groups.indices {
      let first = plan.steps.count
      try lower(grouping.groups[index])
      claim(grouping.groups[index], from: first)
      isLowered[index] = true
    }
    // Outputs come first: they may be the old values of states.
    for (index, port) in graph.outputs.enumerated() {
      let source = try plain(port.value)
      let buffer = plan.buffer(.output(index))
      move(source, to: buffer, "output \(port.name)")
    }
    try writeStates()
    for (index, state) in graph.states.enumerated() {
      plan.stateLayouts.append(try stateLayouts[index] ?? .plain(graph.type(state.value)))
    }
    plan.fused = grouping.groups.reduce(0) { sum, group in
      if case .virtual = group.kind { sum } else { sum + group.nodes.count - 1 }
    }
    if Switch.once.isOn { plan.separateFixedSteps() }
    return plan
  }

  private mutating func lower(_ group: Group) throws {
    let nodes = group.nodes.map { graph.nodes[$0] }
    switch group.kind {
    case .virtual: break
    case .pointwise: try lowerPointwise(nodes)
    case .affine(let tail): try lowerAffine(nodes, tail)
    case .batchNorm(let tail): try lowerBatchNorm(nodes, tail)
    case .batchNormBackward(let gradient): try lowerBatchNormBackward(nodes, gradient)
    case .scaledRows(let rows): try lowerScaledRows(rows, nodes)
    case .scaledRowsBackward(let rows): try lowerScaledRowsBackward(rows, nodes)
    case .filterGradient(let bias):
      let isGradient: (Node) -> Bool = {
        if case .convolutionBackwardFilter = $0.op { true } else { false }
      }
      if let node = nodes.first(where: isGradient) {
        try lowerFilterGradient(node, bias: bias)
      }
    case .single: try lowerSingle(nodes[0])
    }
  }

  /// Notes which nodes each of a group's kernels computes, and for which layer it converts layouts: a node belongs to the kernel that writes its
  /// result, or that of the group's last node where its result never lies in memory.
  private mutating func claim(_ group: Group, from first: Int) {
    let steps = plan.steps.indices.filter { $0 >= first && plan.steps[$0].kernel.name != "reorder" }
    func writer(_ position: Int) -> Int? {
      let homes = graph.nodes[position].outputs.compactMap { places[$0]?.first?.buffer }
      return steps.last { step in plan.steps[step].writes.contains { homes.contains($0) } }
    }
    guard let last = group.nodes.last, let common = writer(last) ?? steps.last else { return }
    for step in plan.steps.indices.dropFirst(first) where plan.steps[step].kernel.name == "reorder"
    {
      plan.steps[step].kernel.phase = graph.nodes[last].phase
      plan.steps[step].kernel.path = graph.nodes[last].path
    }
    for node in group.nodes { plan.steps[writer(node) ?? common].kernel.nodes.append(node) }
  }

  // MARK: Values

  /// A value in rows of contiguous elements.
  mutating func plain(_ id: ValueID) throws -> Placed {
    try placed(id, as: .plain(graph.type(id)))
  }

  /// A value in a given layout; a reorder is added if it lies in none such.
  mutating func placed(_ id: ValueID, as layout: Layout) throws -> Placed {
    if let index = stateIndex[id], stateLayouts[index] == nil {
      stateLayouts[index] = layout
      places[id] = [Placed(buffer: stateBuffers[index], layout: layout)]
    }
    let known = try place(id)
    if let match = places[id]?.first(where: { $0.layout.matches(layout) }) {
      return Placed(buffer: match.buffer, layout: match.layout.isPlain ? layout : match.layout)
    }
    let target = Placed(buffer: arena(layout.byteCount), layout: layout)
    try reorder(known, to: target, path: grouping.node(id)?.path ?? "")
    places[id, default: []].append(target)
    return target
  }

  /// A value wherever it lies; virtual values are made now.
  mutating func place(_ id: ValueID) throws -> Placed {
    if let known = places[id]?.first { return known }
    if let index = stateIndex[id] {
      let layout = try Layout.plain(graph.type(id))
      stateLayouts[index] = layout
      places[id] = [Placed(buffer: stateBuffers[index], layout: layout)]
      return Placed(buffer: stateBuffers[index], layout: layout)
    }
    guard let node = grouping.node(id) else {
      throw CPUError(.callFailed, "\(id) has no place in memory")
    }
    try materialize(node)
    guard let made = places[id]?.first else {
      throw CPUError(.callFailed, "\(node.op.name) made no value")
    }
    return made
  }

  /// The layout in which a value lies, without making it; nil for states that no kernel chose one for.
  func knownLayout(_ id: ValueID) -> Layout? { places[id]?.first?.layout }

  /// New memory for a value in a layout.
  mutating func define(_ id: ValueID, _ layout: Layout) -> Placed {
    let placed = Placed(buffer: arena(layout.byteCount), layout: layout)
    places[id] = [placed]
    return placed
  }

  mutating func arena(_ bytes: Int) -> BufferID { plan.buffer(.arena(bytes: bytes)) }

  private mutating func materialize(_ node: Node) throws {
    switch node.op {
    case .fill(let op): try lowerFill(op, node)
    case .constant(let op):
      let buffer = plan.buffer(.constant(op.value))
      places[node.outputs[0]] = [Placed(buffer: buffer, layout: try .plain(op.value.type))]
    case .reshape:
      let source = try plain(node.inputs[0])
      let layout = try Layout.plain(graph.type(node.outputs[0]))
      places[node.outputs[0]] = [Placed(buffer: source.buffer, layout: layout)]
    case .broadcast(let op): try lowerBroadcast(op, node)
    default: throw CPUError(.callFailed, "\(node.op.name) is read before it is computed")
    }
  }

  // MARK: States

  /// Whether nothing but the given group still has to read a value's memory, views and repetitions
  /// included; what must survive the run never has a last reader.
  func isLastReader(_ id: ValueID, group: Int) -> Bool {
    !results.contains(id)
      && grouping.consumers[id.index].allSatisfy { position in
        let reader = grouping.groupOf[position]
        if reader == group { return true }
        if case .virtual = grouping.groups[reader].kind {
          return graph.nodes[position].outputs.allSatisfy { isLastReader($0, group: group) }
        }
        return isLowered[reader]
      }
  }

  /// The memory of the state that a value replaces, if it may be written in place in this layout.
  mutating func placeInState(_ id: ValueID, _ layout: Layout, group: Int) -> Placed? {
    guard let index = graph.states.firstIndex(where: { $0.update == id }),
      let known = stateLayouts[index], known.matches(layout),
      isLastReader(graph.states[index].value, group: group)
    else { return nil }
    let placed = Placed(buffer: stateBuffers[index], layout: known)
    places[id] = [placed]
    return placed
  }

  /// Copies updates that were not made in place; all are read before any state is overwritten.
  private mutating func writeStates() throws {
    var copies: [(Placed, Int)] = []
    for (index, state) in graph.states.enumerated() {
      guard let update = state.update, update != state.value else { continue }
      if stateLayouts[index] == nil {
        stateLayouts[index] = try knownLayout(update) ?? .plain(graph.type(update))
      }
      guard let layout = stateLayouts[index] else { continue }
      var source = try placed(update, as: layout)
      if source.buffer == stateBuffers[index] { continue }
      if case .state = plan.homes[source.buffer.index] {
        // Another state's memory, which may itself be overwritten below.
        let copy = Placed(buffer: arena(layout.byteCount), layout: layout)
        move(source, to: copy.buffer, "state \(state.name)")
        source = copy
      }
      copies.append((source, index))
    }
    for (source, index) in copies {
      move(source, to: stateBuffers[index], "state \(graph.states[index].name)")
    }
  }

  // MARK: Steps

  /// Adds a library kernel.
  mutating func add(
    _ name: String, _ descriptor: PrimitiveDescriptor,
    reads: [(Int, Placed)], writes: [(Int, Placed)], for node: Node
  ) throws {
    let primitive = try Primitive(descriptor)
    let bytes = descriptor.byteCount(Int(DN_QUERY_SCRATCHPAD))
    let scratch = bytes > 0 ? arena(bytes) : nil
    plan.steps.append(
      Step(
        body: .primitive(primitive, reads + writes, scratch: scratch),
        reads: reads.map(\.1.buffer), writes: writes.map(\.1.buffer) + (scratch.map { [$0] } ?? []),
        kernel: ExecutionReport.Kernel(
          name: name, implementation: descriptor.implementation, path: node.path, phase: node.phase,
          reason: descriptor.isNaive ? "oneDNN has only its generic code for this shape" : nil)))
  }

  /// Adds one of our kernels.
  mutating func add(
    _ name: String, _ body: @escaping dn_body, work: Int, reads: [BufferID], writes: [BufferID],
    for node: Node?, implementation: String = "striate",
    _ make: @escaping (Resolver) -> KernelContext
  ) {
    plan.steps.append(
      Step(
        body: .kernel(body, isParallel: work >= Lowering.parallelWork, make), reads: reads,
        writes: writes,
        kernel: ExecutionReport.Kernel(
          name: name, implementation: implementation, path: node?.path ?? "",
          phase: node?.phase ?? .forward)))
  }

  /// Elements below which waking the pool costs more than it saves.
  static let parallelWork = 16384

  /// Adds a node that the interpreter runs, with the reason for the report.
  mutating func interpret(_ node: Node, because reason: String) throws {
    let inputs = try node.inputs.map { try plain($0).buffer }
    let outputs = try node.outputs.map { id in
      try define(id, .plain(graph.type(id))).buffer
    }
    let body = try InterpretedNode(node, in: graph, inputs: inputs, outputs: outputs)
    plan.steps.append(
      Step(
        body: .interpreted(body), reads: inputs, writes: outputs,
        kernel: ExecutionReport.Kernel(
          name: node.op.name, implementation: "reference", path: node.path, phase: node.phase,
          reason: reason)))
  }

  /// Adds a copy of bytes.
  mutating func move(_ source: Placed, to target: BufferID, _ name: String) {
    let bytes = source.layout.byteCount
    add(
      name, sk_run_move, work: bytes / 4, reads: [source.buffer], writes: [target], for: nil
    ) { address in
      KernelContext(
        sk_move(
          source: address(source.buffer), target: address(target), bytes: Int64(bytes)))
    }
  }

  /// Adds a conversion between layouts.
  mutating func reorder(_ source: Placed, to target: Placed, path: String) throws {
    let from =
      try source.layout.isPlain
      ? Layout.plain(source.layout.type, as: target.layout.dims) : source.layout
    let to =
      try target.layout.isPlain
      ? Layout.plain(target.layout.type, as: source.layout.dims) : target.layout
    if from.dims != to.dims {
      let middle = Placed(
        buffer: arena(source.layout.type.byteCount), layout: try .plain(source.layout.type))
      try reorder(source, to: middle, path: path)
      try reorder(middle, to: target, path: path)
      return
    }
    let descriptor = try PrimitiveDescriptor("a reorder") {
      let attributes = try? Attributes()
      return dn_reorder_primitive_desc_create(
        &$0, from.descriptor, engine, to.descriptor, engine, attributes?.pointer)
    }
    let node = Node(
      op: .reshape(Reshape(source.layout.type.shape)), inputs: [], outputs: [], path: path,
      phase: .forward)
    plan.reorders += 1
    try add(
      "reorder", descriptor,
      reads: [(Int(DN_ARG_SRC), Placed(buffer: source.buffer, layout: from))],
      writes: [(Int(DN_ARG_DST), Placed(buffer: target.buffer, layout: to))], for: node)
  }
}
