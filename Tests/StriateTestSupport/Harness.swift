import StriateCore
import StriateIR
import StriateRuntime

/// How far one tensor of a case is from the oracle's.
public struct CaseError: Sendable, CustomStringConvertible {
  /// The case.
  public let caseName: String
  /// The graph's output: `y0` for a result, `dx1` for the gradient of input 1.
  public let tensor: String
  /// ‖a − b‖₂ / ‖b‖₂.
  public let error: Double

  /// `matmul batched: dx1 is off by 3.1e-07`.
  public var description: String { "\(caseName): \(tensor) is off by \(error)" }
}

/// Runs a case forward and backward on a device and on the double-precision oracle.
///
/// Both are fed the same numbers, exact in single precision. The device gets the graph after the standard
/// passes, the oracle as it was built. Demand errors below 1e-5 or so of a single-precision device.
///
/// - Throws: `TraceError` where the case cannot be built, or the device's error.
public func compare(_ opCase: OpCase, on device: Device, seed: UInt64 = 1) throws -> [CaseError] {
  let graph = try opCase.gradientGraph()
  let feeds = opCase.feeds(for: graph, seed: seed)
  let expected = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: HostState())
  let found = try run(graph, feeds, on: device)
  return graph.outputs.compactMap { port in
    guard let a = found[port.name], let b = expected[port.name] else { return nil }
    return CaseError(caseName: opCase.name, tensor: port.name, error: agreement(a, b))
  }
}

/// Compiles a graph after the standard passes for a device and runs it once.
///
/// - Throws: the device's error, or `TensorError` for a missing input.
public func run(
  _ graph: Graph, _ feeds: [String: HostTensor], state: NamedTensors = NamedTensors(),
  on device: Device
) throws -> [String: HostTensor] {
  let executable = try device.backend.compile(graph.applying())
  let resident = device.backend.makeState()
  try resident.write(state)
  let buffers = try RunBuffers(executable.graph)
  for (name, _) in buffers.inputPorts {
    guard let tensor = feeds[name] else { throw TensorError(.missing, "no feed \(name)") }
    try buffers.set(name, tensor)
  }
  try executable.run(buffers, state: resident)
  var outputs: [String: HostTensor] = [:]
  for (name, _) in buffers.outputPorts { outputs[name] = try buffers.output(name) }
  return outputs
}

/// How far a case's gradients are from central differences on the double-precision oracle.
///
/// Every result gets a random cotangent. Small cases compare the whole gradient, others its products with
/// eight random directions. Demand 1e-9 of multilinear cases, 1e-6 of others.
///
/// - Throws: `TraceError` where the case cannot be built.
public func gradientError(_ opCase: OpCase, seed: UInt64 = 1) throws -> [CaseError] {
  let graph = try opCase.gradientGraph()
  let interpreter = Interpreter<Double>(graph.applying())
  let feeds = opCase.feeds(for: graph, seed: seed).mapValues {
    $0.dtype.isFloatingPoint ? $0.converted(to: .float64) : $0
  }
  let forward = Interpreter<Double>(try opCase.forwardGraph().applying())
  let cotangents = feeds.filter { $0.key.hasPrefix("dy") }.mapValues { $0.scalars(as: Double.self) }
  func objective(_ moved: [String: HostTensor]) throws -> Double {
    let y = try forward.evaluate(inputs: moved, state: HostState())
    return cotangents.reduce(0.0) { sum, pair in
      let values = y["y" + pair.key.dropFirst(2)]?.scalars(as: Double.self) ?? []
      return zip(pair.value, values).reduce(sum) { $0 + $1.0 * $1.1 }
    }
  }
  let step = opCase.isMultilinear ? 0.25 : 1e-5
  func difference(_ name: String, _ x: HostTensor, along direction: [Double]) throws -> Double {
    func moved(_ step: Double) throws -> Double {
      var feeds = feeds
      let values = zip(x.scalars(as: Double.self), direction).map { $0 + step * $1 }
      feeds[name] = try HostTensor(values, shape: x.shape)
      return try objective(feeds)
    }
    return (try moved(step) - moved(-step)) / (2 * step)
  }

  let gradients = try interpreter.evaluate(inputs: feeds, state: HostState())
  return try opCase.differentiated.compactMap { position -> CaseError? in
    let name = "x\(position)"
    guard let x = feeds[name], let gradient = gradients["d" + name] else { return nil }
    guard gradient.shape == x.shape else {
      return CaseError(caseName: opCase.name, tensor: "d" + name, error: .infinity)
    }
    let analytic = gradient.scalars(as: Double.self)
    var random = RandomStream(seed: seed, "directions", name)
    let directions: [[Double]] =
      x.count <= 60
      ? (0..<x.count).map { hot in (0..<x.count).map { $0 == hot ? 1 : 0 } }
      : (0..<8).map { _ in (0..<x.count).map { _ in Double.random(in: -1...1, using: &random) } }
    let expected = try directions.map { try difference(name, x, along: $0) }
    let found = directions.map { zip($0, analytic).reduce(0.0) { $0 + $1.0 * $1.1 } }
    return CaseError(caseName: opCase.name, tensor: "d" + name, error: agreement(found, expected))
  }
}

/// The outputs whose executed shape or element type is not what the shape rule said.
///
/// - Throws: `TraceError` where the case cannot be built.
public func shapeMismatches(_ opCase: OpCase) throws -> [String] {
  let graph = try opCase.gradientGraph()
  let feeds = opCase.feeds(for: graph)
  var wrong = graph.violations()
  let outputs = try Interpreter<Double>(graph).evaluate(inputs: feeds, state: HostState())
  for port in graph.outputs {
    let type = graph.type(port.value)
    let count = outputs[port.name]?.count
    if count != type.shape.count { wrong.append("\(port.name): \(type), found \(count ?? -1)") }
  }
  return wrong
}
