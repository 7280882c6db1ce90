import StriateCore
import StriateIR

/// A graph under the reference interpreter.
///
/// Every op is computed in Double by a plain loop, and its results are rounded to `S`; so with `Float` each
/// op by itself is exact to the last bit or nearly, and with `Double` nothing is rounded.
public final class Interpreter<S: InterpreterScalar>: Executable {
  public let graph: Graph
  public let report: ExecutionReport

  /// The values that are dead after each node.
  private let dying: [[ValueID]]

  /// An interpreter of a graph.
  public init(_ graph: Graph) {
    self.graph = graph
    let (dying, peak) = lifetimes(graph)
    self.dying = dying
    var report = ExecutionReport()
    report.arenaBytes = peak
    report.kernels = graph.nodes.enumerated().map { position, node in
      var kernel = ExecutionReport.Kernel(
        name: node.op.name, implementation: "reference", path: node.path, phase: node.phase)
      kernel.nodes = [position]
      kernel.reads = node.inputs.map(\.index)
      kernel.writes = node.outputs.map(\.index)
      kernel.bytes =
        node.op.rule.cost(node.inputs.map(graph.type), node.outputs.map(graph.type)).bytes
      return kernel
    }
    self.report = report
  }

  public func run(_ buffers: RunBuffers, state: any ResidentState) throws {
    try run(buffers, state: state) { _, _, _ in true }
  }

  public func profile(_ buffers: RunBuffers, state: any ResidentState) throws -> [KernelTime] {
    var times: [KernelTime] = []
    times.reserveCapacity(graph.nodes.count)
    var start = ContinuousClock.now
    try run(buffers, state: state) { _, _, _ in
      let end = ContinuousClock.now
      times.append(KernelTime(start: start, duration: end - start))
      start = end
      return true
    }
    return times
  }

  private func run(
    _ buffers: RunBuffers, state: any ResidentState,
    observe: (Int, Arguments, [Value]) -> Bool
  ) throws {
    let inputs = graph.inputs.map { ($0.name, graph.type($0.value)) }
    let outputs = graph.outputs.map { ($0.name, graph.type($0.value)) }
    guard buffers.inputPorts.elementsEqual(inputs, by: ==),
      buffers.outputPorts.elementsEqual(outputs, by: ==)
    else {
      throw TensorError(.typeMismatch, "the buffers were made for another program")
    }
    let fed = zip(buffers.inputs, inputs).map {
      Value(UnsafeRawBufferPointer($0), $1.1.dtype)
    }
    let results = try walk(inputs: fed, state: state, observe: observe)
    for (value, (buffer, port)) in zip(results.outputs, zip(buffers.outputs, outputs)) {
      value.store(into: buffer, port.1.dtype)
    }
    try state.write(results.updates)
  }

  /// Runs once at full precision: floating-point inputs may be of either width whatever the graph declares,
  /// and floating-point outputs and updates are of the interpreter's scalar type.
  ///
  /// - Throws: `TensorError` for an input or a state that is missing or of another type.
  public func evaluate(
    inputs: [String: HostTensor], state: any ResidentState
  ) throws -> [String: HostTensor] {
    let results = try walk(inputs: fed(inputs), state: state)
    var outputs: [String: HostTensor] = [:]
    for (port, value) in zip(graph.outputs, results.outputs) {
      outputs[port.name] = tensor(value, graph.type(port.value))
    }
    try state.write(results.updates)
    return outputs
  }

  /// Runs once as `evaluate` does, and lets the caller read and replace the values on the way.
  ///
  /// The caller gets every value once, as soon as it stands: inputs, states, and each node's results; booleans as
  /// 0 and 1.
  ///
  /// - Throws: `TensorError` for an input or a state that is missing or of another type.
  package func evaluate(
    inputs: [String: HostTensor], state: any ResidentState,
    touching touch: (ValueID, inout [Double]) -> Void
  ) throws -> [String: HostTensor] {
    try withoutActuallyEscaping(touch) { touch in
      let results = try walk(inputs: fed(inputs), state: state, touch: touch)
      var outputs: [String: HostTensor] = [:]
      for (port, value) in zip(graph.outputs, results.outputs) {
        outputs[port.name] = tensor(value, graph.type(port.value))
      }
      try state.write(results.updates)
      return outputs
    }
  }

  /// Where a NaN or an infinity first appears in a run; nil where none does.
  ///
  /// The state is not changed. Fills and constants may be infinite on purpose and are not reported.
  ///
  /// - Throws: `TensorError` for an input or a state that is missing or of another type.
  public static func firstNonFinite(
    in graph: Graph, inputs: [String: HostTensor], state: any ResidentState
  ) throws -> NonFinite? {
    let interpreter = Interpreter(graph)
    let fed = try interpreter.fed(inputs)
    for (port, value) in zip(graph.inputs, fed) {
      if let element = value.firstNonFinite {
        return NonFinite(.input(port.name), element, value.reals[element])
      }
    }
    for (resident, value) in zip(graph.states, try interpreter.residents(state)) {
      if let element = value.firstNonFinite {
        return NonFinite(.state(resident.name), element, value.reals[element])
      }
    }
    var found: NonFinite?
    _ = try interpreter.walk(inputs: fed, state: state) { position, arguments, results in
      let node = graph.nodes[position]
      switch node.op {
      case .fill, .constant: return true
      default: break
      }
      guard arguments.values.allSatisfy({ $0.firstNonFinite == nil }) else { return true }
      for value in results {
        guard let element = value.firstNonFinite else { continue }
        found = NonFinite(.node(node, position: position), element, value.reals[element])
        return false
      }
      return true
    }
    return found
  }

  // MARK: Edges

  /// The inputs in the graph's order.
  private func fed(_ inputs: [String: HostTensor]) throws -> [Value] {
    try graph.inputs.map { port in
      let type = graph.type(port.value)
      guard let tensor = inputs[port.name] else {
        throw TensorError(.missing, "the program needs an input \(port.name) of type \(type)")
      }
      return try accepted("input \(port.name)", tensor, type)
    }
  }

  /// The states in the graph's order.
  private func residents(_ state: any ResidentState) throws -> [Value] {
    let tensors = try state.read(graph.states.map(\.name))
    return try graph.states.map { resident in
      guard let tensor = tensors[resident.name] else {
        throw TensorError(.missing, "the state has no tensor \(resident.name)")
      }
      return try accepted("state \(resident.name)", tensor, graph.type(resident.value))
    }
  }

  private func accepted(_ what: String, _ tensor: HostTensor, _ type: TensorType) throws -> Value {
    let fits =
      tensor.dtype == type.dtype || (tensor.dtype.isFloatingPoint && type.dtype.isFloatingPoint)
    guard fits, tensor.shape == type.shape else {
      throw TensorError(.typeMismatch, "\(what) takes \(type), found \(tensor.type)")
    }
    return rounded(Value(tensor))
  }

  private func tensor(_ value: Value, _ type: TensorType) -> HostTensor {
    let dtype = type.dtype.isFloatingPoint ? S.dtype : type.dtype
    return HostTensor(type: TensorType(dtype, type.shape)) { value.store(into: $0, dtype) }
  }

  private func rounded(_ value: Value) -> Value {
    guard S.self != Double.self, case .reals(let values) = value else { return value }
    return .reals(values.map { Double(Float($0)) })
  }

  // MARK: The walk

  /// Evaluates the nodes in order and drops every value after its last use; the observer may end the walk.
  private func walk(
    inputs: [Value], state: any ResidentState,
    observe: (Int, Arguments, [Value]) -> Bool = { _, _, _ in true },
    touch: ((ValueID, inout [Double]) -> Void)? = nil
  ) throws -> (outputs: [Value], updates: NamedTensors) {
    if report.arenaBytes > physicalMemory {
      throw TensorError(
        .outOfMemory,
        "the program needs \(report.arenaBytes >> 20) MiB, the machine has \(physicalMemory >> 20) MiB"
      )
    }
    var values = [Value?](repeating: nil, count: graph.types.count)
    func touched(_ id: ValueID, _ value: Value) -> Value {
      guard let touch else { return value }
      let before = value.reals
      var numbers = before
      touch(id, &numbers)
      switch value {
      case .reals: return .reals(numbers)
      case .integers: return numbers == before ? value : .integers(numbers.map { Int64($0) })
      case .booleans: return .booleans(numbers.map { $0 != 0 })
      }
    }
    for (port, value) in zip(graph.inputs, inputs) {
      values[port.value.index] = touched(port.value, rounded(value))
    }
    for (resident, value) in zip(graph.states, try residents(state)) {
      values[resident.value.index] = touched(resident.value, value)
    }
    func value(_ id: ValueID) throws(TensorError) -> Value {
      guard values.indices.contains(id.index), let value = values[id.index] else {
        throw TensorError(.missing, "the graph reads \(id) before it is made")
      }
      return value
    }
    for (position, node) in graph.nodes.enumerated() {
      let arguments = Arguments(
        values: try node.inputs.map(value), types: node.inputs.map(graph.type),
        results: node.outputs.map(graph.type))
      let results = try execute(node.op, arguments).map(rounded)
      guard observe(position, arguments, results) else { return ([], NamedTensors()) }
      for (id, result) in zip(node.outputs, results) { values[id.index] = touched(id, result) }
      for id in dying[position] { values[id.index] = nil }
    }
    var updates = NamedTensors()
    for resident in graph.states {
      guard let update = resident.update else { continue }
      let type = graph.type(update)
      // Single precision keeps the declared type; double precision keeps its digits.
      updates[resident.name] =
        S.self == Double.self
        ? tensor(try value(update), type)
        : HostTensor(type: type) { [result = try value(update)] in
          result.store(into: $0, type.dtype)
        }
    }
    return (try graph.outputs.map { try value($0.value) }, updates)
  }
}

/// Where a number that is not finite comes from.
public struct NonFinite: Sendable, CustomStringConvertible {
  /// What made it or brought it in.
  public enum Origin: Sendable {
    /// An input was fed with it.
    case input(String)
    /// It stood in the state.
    case state(String)
    /// A node made it of finite operands; its place in the graph's nodes.
    case node(Node, position: Int)
  }

  /// What made it or brought it in.
  public let origin: Origin
  /// The first such element of the tensor, in row order.
  public let element: Int
  /// The number: NaN or an infinity.
  public let number: Double

  init(_ origin: Origin, _ element: Int, _ number: Double) {
    self.origin = origin
    self.element = element
    self.number = number
  }

  /// The node and its place in the graph, if a node made it.
  public var node: (node: Node, position: Int)? {
    if case .node(let node, let position) = origin { return (node, position) }
    return nil
  }

  /// One line: `layer1.conv: divide makes NaN at element 3 of finite operands (Net.swift:12)`.
  public var description: String {
    let number = number.isNaN ? "NaN" : "\(number)"
    switch origin {
    case .input(let name): return "input \(name) holds \(number) at element \(element)"
    case .state(let name): return "state \(name) holds \(number) at element \(element)"
    case .node(let node, _):
      let place = node.path.isEmpty ? "" : "\(node.path): "
      let line = node.location.map { " (\($0))" } ?? ""
      return
        "\(place)\(node.op.name) makes \(number) at element \(element) of finite operands\(line)"
    }
  }
}
