import StriateCore
import StriateIR
import StriateRuntime

/// How far outputs and states of a device are from the oracle's, run after run on one state.
///
/// The device gets the graph after the standard passes, the oracle as it was built. Tensors that ought to
/// vanish, such as a gradient through a normalisation, are held to the size of the others instead.
///
/// - Throws: the device's error.
public func compare(
  _ graph: Graph, feeds: [String: HostTensor], states: NamedTensors, runs: Int,
  on device: Device
) throws -> [CaseError] {
  let executable = try device.backend.compile(graph.applying())
  let resident = device.backend.makeState()
  try resident.write(states)
  let oracle = HostState()
  var doubled = NamedTensors()
  for (name, value) in states {
    doubled[name] = value.dtype.isFloatingPoint ? value.converted(to: .float64) : value
  }
  try oracle.write(doubled)
  let interpreter = Interpreter<Double>(graph)
  let buffers = try RunBuffers(executable.graph)
  for (name, _) in buffers.inputPorts {
    guard let tensor = feeds[name] else { throw TensorError(.missing, "no feed \(name)") }
    try buffers.set(name, tensor)
  }
  var errors: [CaseError] = []
  for run in 1...max(runs, 1) {
    try executable.run(buffers, state: resident)
    var pairs: [(name: String, found: HostTensor, expected: HostTensor)] = []
    for (name, expected) in try interpreter.evaluate(inputs: feeds, state: oracle) {
      pairs.append((name, try buffers.output(name), expected))
    }
    let (found, expected) = (try resident.read(states.names), try oracle.read(states.names))
    for name in states.names {
      if let a = found[name], let b = expected[name] { pairs.append(("state \(name)", a, b)) }
    }
    for (name, found, expected) in pairs.sorted(by: { $0.name < $1.name }) {
      errors.append(
        CaseError(
          caseName: "run \(run)", tensor: name, error: relaxedAgreement(found, expected)))
    }
  }
  return errors
}

/// The agreement, but elements that differ by less than a hundred-thousandth of 1 count as equal.
public func relaxedAgreement(_ a: HostTensor, _ b: HostTensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  let (x, y) = (a.scalars(as: Double.self), b.scalars(as: Double.self))
  let isClose = zip(x, y).allSatisfy { abs($0 - $1) <= 1e-5 }
  return isClose ? 0 : agreement(x, y)
}
