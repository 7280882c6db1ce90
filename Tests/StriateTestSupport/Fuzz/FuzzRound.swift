import StriateCore
import StriateIR
import StriateRuntime

/// A random graph, run a few times on one state by a device and by the oracle.
///
/// Three questions, from the strictest on. Does every kernel compute what its own operands give? Does a program that
/// uses memory again give the bytes of one that does not? Does the whole agree with the oracle? Only to the last
/// may the answer be that the graph itself decides nothing: at a kink that lies within the bound of agreement,
/// or where roundings of single precision by themselves move the oracle as far.
public struct FuzzRound {
  /// What a round came to.
  public enum Verdict: Sendable, CustomStringConvertible {
    /// Every output and state agrees with the oracle's.
    case agrees
    /// The oracle agrees once it takes the device's branches, each measured to lie within the bound.
    case kinked([Kink])
    /// Roundings move the oracle this far, of the device's branches.
    case illConditioned(CaseError, roundings: Double)
    /// A kernel is wrong.
    case faulty([KernelFault])
    /// Programs of the same kernels give other bytes where they use memory again.
    case unlike(String)
    /// Nothing measured explains this.
    case differs(CaseError, [Kink])

    /// Whether the round shows a fault.
    public var isFailure: Bool {
      switch self {
      case .agrees, .kinked, .illConditioned: false
      case .faulty, .unlike, .differs: true
      }
    }

    public var description: String {
      func list(_ items: [some CustomStringConvertible]) -> String {
        items.prefix(4).map(\.description).joined(separator: "; ")
          + (items.count > 4 ? "; \(items.count - 4) more" : "")
      }
      return switch self {
      case .agrees: "agrees"
      case .kinked(let kinks): "kinked: \(list(kinks))"
      case .illConditioned(let error, let roundings):
        "ill-conditioned: \(error); roundings by themselves move it by \(roundings)"
      case .faulty(let faults): "faulty kernels: \(list(faults))"
      case .unlike(let name): "memory that is used again changes \(name)"
      case .differs(let error, let kinks): "differs: \(error); branches: \(list(kinks))"
      }
    }
  }

  /// What a run leaves: outputs and states under their names.
  typealias Answer = [(name: String, tensor: HostTensor)]

  /// The bound of agreement, and of distances to a kink that agreement leaves open.
  static let bound = 1e-4

  private let graph: Graph
  private let feeds: [String: HostTensor]
  private let states: NamedTensors
  private let runs: Int

  /// Runs of a graph one after another on one state.
  public init(_ graph: Graph, feeds: [String: HostTensor], states: NamedTensors, runs: Int = 3) {
    (self.graph, self.feeds, self.states, self.runs) = (graph, feeds, states, runs)
  }

  /// Three runs of a random graph.
  public init(random graph: Graph, seed: UInt64) {
    let inputs = OpCase("random", []) { _, _ in [] }
    self.init(
      graph, feeds: inputs.feeds(for: graph, seed: seed),
      states: randomStates(of: graph, seed: seed))
  }

  /// Runs it on a device and compares.
  ///
  /// - Throws: the device's error.
  package func verdict(on backend: any ObservableBackend) throws -> Verdict {
    let observed = try backend.compileObserved(graph.applying())
    var checks: [KernelCheck] = []
    let found = try answers(of: observed, on: backend) { run, before in
      checks.append(try KernelCheck(observed, feeds: feeds, before: before, run: run))
    }
    let faults = checks.flatMap(\.faults)
    if !faults.isEmpty { return .faulty(faults) }
    let again = try answers(of: backend.compile(graph.applying()), on: backend)
    if let name = firstUnlike(found, again) { return .unlike(name) }

    let exact = try oracle(graph)
    guard let worst = firstDifference(found, exact) else { return .agrees }
    // The passes are not what differs: in double precision they change nothing.
    let compiled = observed.graph
    if let error = firstDifference(try oracle(compiled), exact) { return .differs(error, []) }
    let (forced, kinks) = try oracle(compiled, taking: checks)
    guard kinks.allSatisfy({ $0.distance <= Self.bound }) else { return .differs(worst, kinks) }
    guard let rest = firstDifference(found, forced) else { return .kinked(kinks) }
    return try conditioning(found, forced, rest, checks, compiled) ?? .differs(rest, kinks)
  }

  /// Whether roundings move the oracle as far as the device is from it, everywhere.
  ///
  /// Each value is multiplied by 1 and a random part of its kernel's measured error: stochastic arithmetic
  /// (Vignes 1993, https://doi.org/10.1016/0378-4754(93)90003-D).
  private func conditioning(
    _ found: [Answer], _ forced: [Answer], _ rest: CaseError, _ checks: [KernelCheck],
    _ compiled: Graph
  ) throws -> Verdict? {
    let probes = try (UInt64(1)...8).map { try oracle(compiled, taking: checks, rounding: $0).0 }
    var worst: Verdict?
    for (run, answer) in found.enumerated() {
      for (place, (name, tensor)) in answer.enumerated() {
        let exact = forced[run][place].tensor
        let error = relaxedAgreement(tensor, exact)
        guard !(error < Self.bound) else { continue }
        let moved = probes.reduce(0.0) { max($0, agreement($1[run][place].tensor, exact)) }
        guard error <= Self.spread * moved else { return nil }
        if worst == nil {
          worst = .illConditioned(
            CaseError(caseName: "run \(run + 1)", tensor: name, error: error), roundings: moved)
        }
      }
    }
    return worst
  }

  /// How many times the largest of eight random movements a deterministic one may be.
  private static let spread = 4.0

  // MARK: Answers

  private func answers(
    of executable: any Executable, on backend: any Backend,
    after: (Int, NamedTensors) throws -> Void = { _, _ in }
  ) throws -> [Answer] {
    let resident = backend.makeState()
    try resident.write(states)
    let buffers = try RunBuffers(executable.graph)
    for (name, _) in buffers.inputPorts {
      guard let tensor = feeds[name] else { throw TensorError(.missing, "no feed \(name)") }
      try buffers.set(name, tensor)
    }
    return try (1...runs).map { run in
      let before = try resident.read(states.names)
      try executable.run(buffers, state: resident)
      try after(run, before)
      var outputs: [String: HostTensor] = [:]
      for port in graph.outputs { outputs[port.name] = try buffers.output(port.name) }
      return try answer(outputs, resident)
    }
  }

  private func answer(_ outputs: [String: HostTensor], _ state: any ResidentState) throws -> Answer
  {
    let tensors = try state.read(states.names)
    return outputs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      + states.names.compactMap { name in tensors[name].map { ("state \(name)", $0) } }
  }

  private func oracle(_ graph: Graph) throws -> [Answer] {
    let (interpreter, state) = (Interpreter<Double>(graph), HostState())
    try state.write(doubled)
    return try (1...runs).map { _ in
      try answer(try interpreter.evaluate(inputs: feeds, state: state), state)
    }
  }

  /// The oracle's answers with a device's branches, and where those are not its own.
  ///
  /// - Parameter seed: of random roundings; nil for none.
  private func oracle(
    _ graph: Graph, taking checks: [KernelCheck], rounding seed: UInt64? = nil
  ) throws -> ([Answer], [Kink]) {
    let (interpreter, state) = (Interpreter<Double>(graph), HostState())
    try state.write(doubled)
    var (answers, kinks): ([Answer], [Kink]) = ([], [])
    for (index, check) in checks.enumerated() {
      var branches = Branches(graph, taken: check.values, run: index + 1)
      var random = RandomStream(seed: seed ?? 0, "roundings", "\(index)")
      let outputs = try interpreter.evaluate(inputs: feeds, state: state) { id, x in
        if seed != nil, graph.type(id).dtype.isFloatingPoint {
          let size = min(max(0x1p-24, check.errors[id] ?? 0), KernelCheck.bound)
          for element in x.indices {
            x[element] *= 1 + size * Double.random(in: -1...1, using: &random)
          }
        }
        branches.force(id, &x)
      }
      kinks += branches.kinks
      answers.append(try answer(outputs, state))
    }
    return (answers, kinks)
  }

  private var doubled: NamedTensors {
    var doubled = NamedTensors()
    for (name, value) in states {
      doubled[name] = value.dtype.isFloatingPoint ? value.converted(to: .float64) : value
    }
    return doubled
  }

  // MARK: Comparing

  private func firstUnlike(_ found: [Answer], _ again: [Answer]) -> String? {
    for (run, (a, b)) in zip(found, again).enumerated() {
      for (x, y) in zip(a, b) where !x.tensor.hasSameBytes(as: y.tensor) {
        return "\(x.name) of run \(run + 1)"
      }
    }
    return nil
  }

  /// The worst tensor of the first run that does not agree.
  private func firstDifference(_ found: [Answer], _ expected: [Answer]) -> CaseError? {
    for (run, (a, b)) in zip(found, expected).enumerated() {
      let errors = zip(a, b).map {
        CaseError(
          caseName: "run \(run + 1)", tensor: $0.name,
          error: $0.name == $1.name ? relaxedAgreement($0.tensor, $1.tensor) : .infinity)
      }
      let wrong = errors.filter { !($0.error < Self.bound) }
      if let worst = wrong.max(by: { $0.error < $1.error }) { return worst }
    }
    return nil
  }
}

extension HostTensor {
  /// Whether type and bytes are the same, NaN or not.
  fileprivate func hasSameBytes(as other: HostTensor) -> Bool {
    guard type == other.type else { return false }
    return withUnsafeBytes { a in other.withUnsafeBytes { b in a.elementsEqual(b) } }
  }
}
