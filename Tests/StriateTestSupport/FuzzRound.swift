import StriateCore
import StriateIR
import StriateRuntime

/// How a random graph's runs on a device compare with the oracle's, and why where they differ.
public struct FuzzRound {
  /// What a round came to.
  public enum Verdict: Sendable, CustomStringConvertible {
    /// Every output and state agrees with the oracle's.
    case agrees
    /// The device equals the oracle once these decisions, each within rounding of its kink, are taken the other way.
    case kinked([Kink])
    /// The largest error, within three times that of single precision by the oracle itself.
    case illConditioned(error: CaseError, single: Double)
    /// Nothing measured explains this.
    case differs(CaseError, nearKinks: Int, single: Double)

    public var description: String {
      switch self {
      case .agrees: "agrees"
      case .kinked(let kinks): "kinked: " + kinks.map(\.description).joined(separator: "; ")
      case .illConditioned(let error, let single):
        "ill-conditioned: \(error); single precision by itself: \(single)"
      case .differs(let error, let near, let single):
        "differs: \(error); \(near) decisions near kinks, none of which explains it; "
          + "single precision by itself: \(single)"
      }
    }
  }

  private typealias Answer = [(name: String, tensor: HostTensor)]

  private let graph: Graph
  private let feeds: [String: HostTensor]
  private let states: NamedTensors
  private let runs: Int
  private static let bound = 1e-4
  /// How many measured rounding errors from its kink a decision may be to count as open: other programs add
  /// hundreds of products in other orders, and Winograd's transforms lose some digits more.
  private static let reach = 16.0

  /// Runs of a graph one after another on one state.
  public init(_ graph: Graph, feeds: [String: HostTensor], states: NamedTensors, runs: Int = 3) {
    (self.graph, self.feeds, self.states, self.runs) = (graph, feeds, states, runs)
  }

  /// Runs it on the device and compares.
  ///
  /// - Throws: the device's error.
  public func verdict(on device: Device) throws -> Verdict {
    let found = try answers(on: device)
    let first = try exact()
    guard let worst = firstDifference(found, first) else { return .agrees }
    let (singles, values) = try measured()
    let open = values.enumerated().flatMap {
      kinks(graph, $0.element, run: $0.offset + 1, within: Self.reach)
    }
    // Kinks one after another, as long as each brings the device and the oracle nearer.
    var (taken, rest): ([Kink], CaseError?) = ([], worst)
    while let now = rest, taken.count < 6 {
      var best: (kink: Kink, rest: CaseError?, quality: Double)?
      for kink in open.prefix(Self.trials) {
        let difference = firstDifference(found, try exact(moving: taken + [kink]))
        let quality = difference.map { Self.quality($0) } ?? .infinity
        if quality > (best?.quality ?? Self.quality(now)) { best = (kink, difference, quality) }
        if difference == nil { break }
      }
      guard let best else { break }
      taken.append(best.kink)
      rest = best.rest
    }
    if rest == nil { return .kinked(taken) }
    let single = zip(singles, first).reduce(0.0) {
      zip($1.0, $1.1).reduce($0) { max($0, relaxedAgreement($1.0.tensor, $1.1.tensor)) }
    }
    let all = errors(found, first)
    if let error = all.max(by: { $0.error < $1.error }), error.error <= 3 * single {
      return .illConditioned(error: error, single: single)
    }
    return .differs(worst, nearKinks: open.count, single: single)
  }

  private static let trials = 400

  /// Later runs first, then smaller errors.
  private static func quality(_ error: CaseError) -> Double {
    let run = Double(error.caseName.split(separator: " ").last ?? "0") ?? 0
    return run - error.error / (1 + error.error)
  }

  // MARK: Answers

  private func answers(on device: Device) throws -> [Answer] {
    let executable = try device.backend.compile(graph.applying())
    let resident = device.backend.makeState()
    try resident.write(states)
    let buffers = try RunBuffers(executable.graph)
    for (name, _) in buffers.inputPorts {
      guard let tensor = feeds[name] else { throw TensorError(.missing, "no feed \(name)") }
      try buffers.set(name, tensor)
    }
    return try (1...runs).map { _ in
      try executable.run(buffers, state: resident)
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

  /// The oracle's answers in double precision, these elements moved to the other side of their kinks.
  private func exact(moving kinks: [Kink] = []) throws -> [Answer] {
    let state = HostState()
    try state.write(doubled)
    let interpreter = Interpreter<Double>(graph)
    return try (1...runs).map { run in
      let here = kinks.filter { $0.run == run }
      let outputs = try interpreter.evaluate(inputs: feeds, state: state) { id, values in
        for kink in here where kink.value == id {
          // A distance of nothing is a point that single precision leaves to either side.
          values[kink.element] += kink.distance == 0 ? kink.rounding : 2 * kink.distance
        }
      }
      return try answer(outputs, state)
    }
  }

  /// The oracle's answers in single precision, and the values of both precisions on the way.
  private func measured() throws -> ([Answer], [RunValues]) {
    let (state, single) = (HostState(), HostState())
    try state.write(doubled)
    try single.write(states)
    let (wide, narrow) = (Interpreter<Double>(graph), Interpreter<Float>(graph))
    var (answers, all): ([Answer], [RunValues]) = ([], [])
    for _ in 1...runs {
      var values = RunValues()
      _ = try wide.evaluate(inputs: feeds, state: state) { values.exact[$0] = $1 }
      let outputs = try narrow.evaluate(inputs: feeds, state: single) { values.single[$0] = $1 }
      answers.append(try answer(outputs, single))
      all.append(values)
    }
    return (answers, all)
  }

  private var doubled: NamedTensors {
    var doubled = NamedTensors()
    for (name, value) in states {
      doubled[name] = value.dtype.isFloatingPoint ? value.converted(to: .float64) : value
    }
    return doubled
  }

  // MARK: Comparing

  private func errors(_ found: [Answer], _ expected: [Answer]) -> [CaseError] {
    zip(found, expected).enumerated().flatMap { run, pair in
      zip(pair.0, pair.1).map {
        CaseError(
          caseName: "run \(run + 1)", tensor: $0.name,
          error: $0.name == $1.name ? relaxedAgreement($0.tensor, $1.tensor) : .infinity)
      }
    }
  }

  /// The worst tensor of the first run that does not agree.
  private func firstDifference(_ found: [Answer], _ expected: [Answer]) -> CaseError? {
    let wrong = errors(found, expected).filter { !($0.error < Self.bound) }
    return wrong.filter { $0.caseName == wrong[0].caseName }.max { $0.error < $1.error }
  }
}
