import StriateCore
import StriateIR
import StriateRuntime

/// A kernel whose result is not what its own operands give.
public struct KernelFault: Sendable, CustomStringConvertible {
  /// The run, counted from 1.
  public let run: Int
  /// The node that makes the value, in the compiled graph, and its op.
  public let node: Int
  public let op: String
  /// What computed it.
  public let kernel: String
  /// The first wrong element, what the kernel made of it, and double precision of the same operands.
  public let element: Int
  public let found: Double
  public let expected: Double
  /// ‖a − b‖₂ / ‖b‖₂ of the whole value.
  public let error: Double

  /// `run 1: relu at node 37 by batch_norm + relu [striate]: element 3 is 0.5, its operands give 0.4; off by 0.01`.
  public var description: String {
    "run \(run): \(op) at node \(node) by \(kernel): element \(element) is \(found), "
      + "its operands give \(expected); the tensor is off by \(error)"
  }
}

/// One run of a device, each kernel compared with double precision on the very operands that it read.
///
/// However far rounding, kinks and learning have carried the whole run away, each of its kernels stays comparable.
struct KernelCheck {
  /// The device's values, and in double precision what never leaves its kernels' registers.
  private(set) var values: [ValueID: [Double]] = [:]
  /// How far each kernel's results are from double precision.
  private(set) var errors: [ValueID: Double] = [:]
  private(set) var faults: [KernelFault] = []

  /// Below this a kernel is right without a closer look.
  static let bound = 1e-5
  /// How many times what roundings of its operands make a closer look allows: as if they were off by 1e-5.
  ///
  /// A library's sum of 210 equal numbers, in batch norm's gradient, comes to 24 times.
  private static let factor = 128.0

  /// Compares what a device computed from these inputs and the state before the run.
  ///
  /// - Throws: `TensorError` for an input or a state that is missing.
  init(
    _ executable: any ObservedExecutable, feeds: [String: HostTensor], before: NamedTensors,
    run: Int
  ) throws {
    let graph = executable.graph
    let observed = try executable.observedValues()
    let found = observed.mapValues { $0.scalars(as: Double.self) }
    var (values, expected, errors): ([ValueID: [Double]], [ValueID: [Double]], [ValueID: Double]) =
      ([:], [:], [:])
    let state = HostState()
    try state.write(before)
    _ = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: state) { id, x in
      if let device = found[id] {
        errors[id] = agreement(device, x)
        expected[id] = x
        x = device
      }
      values[id] = x
    }
    (self.values, self.errors) = (values, errors)

    let producers = graph.producers
    for id in errors.keys.sorted(by: { $0.index < $1.index }) {
      guard let error = errors[id], !(error < Self.bound), let device = found[id],
        let exact = expected[id], let maker = producers[id.index]
      else { continue }
      let part = OneValue(id, in: graph, observed: observed, feeds: feeds, states: before)
      let (reach, nearest) = try part.look(exact, device)
      for (id, elements) in nearest {
        for (element, value) in elements { self.values[id]?[element] = value }
      }
      let wrong = exact.indices.first {
        // What is too small for a normal number may become 0.
        !(abs(device[$0] - exact[$0]) <= Self.factor * reach[$0] + 0x1p-126)
          && device[$0] != exact[$0] && !(device[$0].isNaN && exact[$0].isNaN)
      }
      guard let wrong else { continue }
      let kernel = executable.report.kernels.first { $0.nodes.contains(maker) }
      faults.append(
        KernelFault(
          run: run, node: maker, op: graph.nodes[maker].op.name,
          kernel: kernel.map { "\($0.name) [\($0.implementation)]" } ?? "no kernel",
          element: wrong, found: device[wrong], expected: exact[wrong], error: error))
    }
  }
}

/// The nodes that make one value of what a device left in memory.
private struct OneValue {
  private var graph = Graph()
  private var feeds: [String: HostTensor] = [:]
  private let found: [ValueID: [Double]]
  private let id: ValueID

  init(
    _ id: ValueID, in whole: Graph, observed: [ValueID: HostTensor], feeds: [String: HostTensor],
    states: NamedTensors
  ) {
    self.id = id
    var known = observed
    for port in whole.inputs { known[port.value] = feeds[port.name] }
    for state in whole.states { known[state.value] = states[state.name] }
    let producers = whole.producers
    var (needed, leaves, open): (Set<Int>, Set<ValueID>, [ValueID]) = ([], [], [id])
    while let next = open.popLast() {
      guard let maker = producers[next.index], next == id || known[next] == nil else {
        leaves.insert(next)
        continue
      }
      if needed.insert(maker).inserted { open += whole.nodes[maker].inputs }
    }
    graph.types = whole.types
    graph.nodes = needed.sorted().map { whole.nodes[$0] }
    for leaf in leaves.sorted(by: { $0.index < $1.index }) {
      graph.inputs.append(Graph.Port(name: "\(leaf)", value: leaf))
      self.feeds["\(leaf)"] = known[leaf]
    }
    graph.outputs = [Graph.Port(name: "\(id)", value: id)]
    found = observed.filter { $0.key != id }.mapValues { $0.scalars(as: Double.self) }
  }

  /// How far roundings of the operands, and within the kernel, move each element; and where they bring it much
  /// nearer to the device's, what they make of the registers: decisions that the device took in those.
  ///
  /// Most probes round at random, never by next to nothing; every fourth rounds all up or all down: what a sum of
  /// many may lose.
  func look(_ exact: [Double], _ device: [Double]) throws
    -> (reach: [Double], nearest: [ValueID: [Int: Double]])
  {
    var reach = [Double](repeating: 0, count: exact.count)
    var best = exact.indices.map { abs(exact[$0] - device[$0]) / 10 }
    var nearest: [ValueID: [Int: Double]] = [:]
    let interpreter = Interpreter<Double>(graph)
    for probe in UInt64(1)...16 {
      var random = RandomStream(seed: probe, "roundings")
      var made: [ValueID: [Double]] = [:]
      _ = try interpreter.evaluate(inputs: feeds, state: HostState()) { id, x in
        if id == self.id {
          for element in x.indices {
            reach[element] = max(reach[element], abs(x[element] - exact[element]))
            let rest = abs(x[element] - device[element])
            guard rest < best[element] else { continue }
            best[element] = rest
            for (id, values) in made { nearest[id, default: [:]][element] = values[element] }
          }
          return
        }
        if let device = found[id] {
          x = device
        } else if x.count == exact.count {
          made[id] = x
        }
        guard graph.type(id).dtype.isFloatingPoint else { return }
        let goesUp = Bool.random(using: &random)
        for element in x.indices {
          let size = abs(x[element]) * 0x1p-23
          if probe % 4 == 0 {
            x[element] += goesUp ? size : -size
          } else {
            let part = Double.random(in: 0.5...1, using: &random)
            x[element] += Bool.random(using: &random) ? part * size : -part * size
          }
        }
      }
    }
    return (reach, nearest)
  }
}
