import CDNNL
import StriateCore
import StriateIR
import StriateRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lowered program with its memory: a list of kernels whose operands' addresses are known.
final class CPUExecutable: Executable, @unchecked Sendable {
  let graph: Graph
  let report: ExecutionReport

  private let engine: EngineThread
  private let owner: CPUBackend
  let plan: Plan
  /// Where each value lies after a run; empty where memory is used again.
  let observed: [ValueID: Placed]
  private let addresses: [UnsafeMutableRawPointer?]
  private let arena: UnsafeMutableRawPointer
  private var bound: UnsafeMutableBufferPointer<BoundStep>
  private var contexts: [KernelContext] = []
  private var memories: [dn_memory] = []
  private var pending: (buffers: RunBuffers, state: CPUState)?
  private var seen: (buffers: RunBuffers, state: CPUState, generation: Int)?
  /// The state's contents from which the steps that run once were computed.
  private var contents: (state: ObjectIdentifier, version: Int)?
  private let changesState: Bool

  /// A step whose operands have addresses.
  private struct BoundStep {
    var primitive: dn_primitive?
    var arguments: UnsafeMutablePointer<dn_exec_arg>?
    var count: Int32 = 0
    var body: dn_body?
    var context: UnsafeRawPointer?
    var threads: Int32 = 1
    var position = 0
  }

  /// A program with memory for its values.
  ///
  /// - Parameter observed: where values lie; if given, each keeps its memory to a run's end.
  init(
    graph: Graph, plan: Plan, engine: EngineThread, owner: CPUBackend,
    observed: [ValueID: Placed]? = nil
  ) throws {
    self.graph = graph
    self.observed = observed ?? [:]
    self.plan = plan
    self.engine = engine
    self.owner = owner
    changesState = graph.states.contains { $0.update != nil && $0.update != $0.value }

    let (indices, requests) = CPUExecutable.lifetimes(plan, areWhole: observed != nil)
    let placement = Arena(requests)
    try CPUExecutable.requireMemory(placement.byteCount)
    arena = .allocate(byteCount: max(placement.byteCount, 64), alignment: 4096)
    // Blocked layouts rely on zeros in their padding, and first use must not be a page fault.
    arena.initializeMemory(as: UInt8.self, repeating: 0, count: placement.byteCount)
    var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: plan.homes.count)
    for (request, index) in indices.enumerated() {
      addresses[index] = arena + placement.offsets[request]
    }
    self.addresses = addresses

    var report = ExecutionReport()
    report.kernels = plan.steps.map { plan.kernel(of: $0, in: graph) }
    report.arenaBytes = placement.byteCount
    report.reorders = plan.reorders
    report.fused = plan.fused
    self.report = report
    bound = .allocate(capacity: plan.steps.count)
    bound.initialize(repeating: BoundStep())
  }

  deinit {
    let (engine, memories, bound, arena) = (self.engine, self.memories, self.bound, self.arena)
    try? engine.perform { for memory in memories { dn_memory_destroy(memory) } }
    for step in bound { step.arguments?.deallocate() }
    bound.deallocate()
    arena.deallocate()
  }

  func run(_ buffers: RunBuffers, state: any ResidentState) throws {
    guard let state = state as? CPUState else {
      throw CPUError(.badState, "the state belongs to another device than cpu")
    }
    try engine.run(self) { pending = (buffers, state) }
  }

  func profile(_ buffers: RunBuffers, state: any ResidentState) throws -> [KernelTime] {
    guard let state = state as? CPUState else {
      throw CPUError(.badState, "the state belongs to another device than cpu")
    }
    return try engine.perform {
      try prepare(buffers, state)
      let first = begin(state)
      let now = ContinuousClock.now
      let times = try bound.indices.map { position in
        // What runs once and has run takes no time.
        if position < first { return KernelTime(start: now, duration: .zero) }
        let start = ContinuousClock.now
        try execute(bound[position], buffers, state)
        try check(dn_stream_wait(engine.stream), "a wait")
        return KernelTime(start: start, duration: ContinuousClock.now - start)
      }
      finish(state)
      return times
    }
  }

  /// Runs the pending request; to be called on the engine's thread.
  func execute() throws {
    guard let (buffers, state) = pending else { return }
    try prepare(buffers, state)
    for position in begin(state)..<bound.count { try execute(bound[position], buffers, state) }
    try check(dn_stream_wait(engine.stream), "a wait")
    finish(state)
  }

  /// The step to begin with: those that run once are left out where they have seen the state's contents.
  private func begin(_ state: CPUState) -> Int {
    let isKnown =
      contents.map { $0.state == ObjectIdentifier(state) && $0.version == state.version } ?? false
    contents = nil
    if changesState { state.markChanged() }
    return isKnown ? plan.onceCount : 0
  }

  /// Notes what the steps that run once have seen; this run's updates are of no tensor that they read.
  private func finish(_ state: CPUState) {
    contents = (ObjectIdentifier(state), state.version)
  }

  private func execute(_ step: BoundStep, _ buffers: RunBuffers, _ state: CPUState) throws {
    if let primitive = step.primitive {
      let status = dn_primitive_execute(primitive, engine.stream, step.count, step.arguments)
      if status != 0 { try check(status, plan.steps[step.position].kernel.name) }
    } else if let body = step.body {
      dn_parallel(body, step.context, step.threads)
    } else if case .interpreted(let node) = plan.steps[step.position].body {
      try node.run { address($0, buffers, state) }
    }
  }

  /// Binds the operands to memory if another call used other memory before.
  private func prepare(_ buffers: RunBuffers, _ state: CPUState) throws {
    if seen.map({
      $0.buffers !== buffers || $0.state !== state || $0.generation != state.generation
    })
      ?? true
    {
      try bind(buffers, state)
    }
  }

  /// Gives the addresses that the last run used, on the engine's thread.
  func reading<R>(_ body: (Resolver, EngineThread) throws -> R) throws -> R {
    try engine.perform {
      guard let (buffers, state, _) = seen else {
        throw CPUError(.badState, "the program has not run yet")
      }
      return try body({ self.address($0, buffers, state) }, engine)
    }
  }

  // MARK: Binding

  private var stateAddresses: [UnsafeMutableRawPointer] = []

  private func address(
    _ id: BufferID, _ buffers: RunBuffers, _ state: CPUState
  ) -> UnsafeMutableRawPointer {
    switch plan.homes[id.index] {
    case .arena: addresses[id.index] ?? arena
    case .state(let index): stateAddresses[index]
    case .input(let index): buffers.inputs[index].baseAddress ?? arena
    case .output(let index): buffers.outputs[index].baseAddress ?? arena
    case .constant(let tensor):
      tensor.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) ?? arena }
    }
  }

  private func bind(_ buffers: RunBuffers, _ state: CPUState) throws {
    stateAddresses = try zip(graph.states, plan.stateLayouts).map {
      try state.memory($0.name, as: $1)
    }
    for memory in memories { dn_memory_destroy(memory) }
    memories = []
    contexts = []
    for (position, step) in plan.steps.enumerated() {
      bound[position].arguments?.deallocate()
      var entry = BoundStep()
      entry.position = position
      switch step.body {
      case .primitive(let primitive, let operands, let scratch):
        entry.primitive = primitive.pointer
        let count = operands.count + (scratch == nil ? 0 : 1)
        let arguments = UnsafeMutablePointer<dn_exec_arg>.allocate(capacity: count)
        for (slot, (argument, operand)) in operands.enumerated() {
          let memory = try memory(
            operand.layout.descriptor, at: address(operand.buffer, buffers, state))
          arguments[slot] = dn_exec_arg(arg: Int32(argument), memory: memory)
        }
        if let scratch {
          let bytes = if case .arena(let bytes) = plan.homes[scratch.index] { bytes } else { 0 }
          let layout = try Layout.plain(TensorType(.uint8, [bytes]))
          let memory = try memory(layout.descriptor, at: address(scratch, buffers, state))
          arguments[operands.count] = dn_exec_arg(arg: Int32(DN_ARG_SCRATCHPAD), memory: memory)
        }
        entry.arguments = arguments
        entry.count = Int32(count)
      case .kernel(let body, let isParallel, let make):
        let context = make { self.address($0, buffers, state) }
        contexts.append(context)
        entry.body = body
        entry.context = context.pointer
        entry.threads = isParallel ? Int32(engine.threads) : 1
      case .interpreted: break
      }
      bound[position] = entry
    }
    seen = (buffers, state, state.generation)
    contents = nil
  }

  private func memory(_ descriptor: dn_md?, at address: UnsafeMutableRawPointer) throws -> dn_memory
  {
    var made: dn_memory?
    try check(dn_memory_create(&made, descriptor, engine.engine, address), "memory")
    guard let made else { throw CPUError(.callFailed, "oneDNN made no memory object") }
    memories.append(made)
    return made
  }

  // MARK: Memory

  /// The arena's buffers and the steps during which each lives.
  private static func lifetimes(
    _ plan: Plan, areWhole: Bool
  ) -> (indices: [Int], requests: [Arena.Request]) {
    var first: [Int: Int] = [:]
    var last: [Int: Int] = [:]
    for (position, step) in plan.steps.enumerated() {
      for id in step.reads + step.writes {
        if first[id.index] == nil { first[id.index] = position }
        // What steps make that run once must last from run to run.
        last[id.index] =
          position < plan.onceCount ? plan.steps.count - 1 : max(position, last[id.index] ?? 0)
      }
    }
    var indices: [Int] = []
    var requests: [Arena.Request] = []
    for (index, home) in plan.homes.enumerated() {
      guard case .arena(let bytes) = home, let start = first[index], let end = last[index] else {
        continue
      }
      indices.append(index)
      requests.append(
        areWhole
          ? Arena.Request(bytes: bytes, first: 0, last: plan.steps.count)
          : Arena.Request(bytes: bytes, first: start, last: end))
    }
    return (indices, requests)
  }

  private static func requireMemory(_ bytes: Int) throws {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let total = pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) : .max
    if bytes > total {
      throw CPUError(
        .outOfMemory,
        "the program needs \(bytes >> 20) MiB for intermediate tensors, this machine has "
          + "\(total >> 20) MiB; use a smaller batch")
    }
  }
}
