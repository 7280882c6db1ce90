import StriateCore
import StriateIR
import StriateRuntime

/// A program with made-up inputs and first weights, ready to run.
struct ProgramFeed {
  private let program: Program
  private let buffers: RunBuffers
  private let state: any ResidentState
  private let fed: [(name: String, tensor: HostTensor)]

  init(_ program: Program, seed: UInt64) throws {
    self.program = program
    let graph = program.graph
    buffers = try RunBuffers(graph)
    fed = try buffers.inputPorts.map { port in
      (port.name, try Self.values(port.name, port.type, seed: seed))
    }
    let first = try program.initialWeights(seed: seed)
    var tensors = NamedTensors()
    for resident in graph.states {
      tensors[resident.name] =
        first[resident.name] ?? HostTensor(zeros: graph.type(resident.value))
    }
    state = try program.state(tensors)
  }

  /// Runs once, copying the inputs first.
  func run() throws {
    try feed()
    try program.executable.run(buffers, state: state)
  }

  /// Runs once, copying the inputs first, and says when each kernel ran.
  func profile() throws -> [KernelTime] {
    try feed()
    return try program.executable.profile(buffers, state: state)
  }

  private func feed() throws {
    for (name, tensor) in fed { try buffers.set(name, tensor) }
  }

  /// Uniform numbers of variance 1; zeros for whole numbers, which are classes; a small learning rate.
  private static func values(
    _ name: String, _ type: TensorType, seed: UInt64
  ) throws -> HostTensor {
    if name == "random.key" { return HostTensor([Int64(bitPattern: seed), 0]) }
    guard type.dtype.isFloatingPoint else { return HostTensor(zeros: type) }
    if type.shape.rank == 0 {
      return HostTensor(scalar: Float(1e-3)).converted(to: type.dtype)
    }
    let generator = Philox(key: seed)
    let bound = Float(3).squareRoot()
    let values = (0..<type.shape.count).map { index in
      (2 * Philox.unit(generator.word(at: UInt64(index), stream: 1)) - 1) * bound
    }
    return try HostTensor(values, shape: type.shape).converted(to: type.dtype)
  }
}
