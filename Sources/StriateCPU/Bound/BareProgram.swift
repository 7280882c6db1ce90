import StriateCore
import StriateIR
import StriateRuntime

/// oneDNN's kernels for a graph and nothing else: the bound with which its program is compared.
///
/// Every convolution, its gradients, matrix products, poolings and batch norms with their gradients run in the
/// graph's order, each in the layouts that the library itself prefers, with bias and ReLU (in training batch
/// norm with ReLU) in the same kernel. In inference batch norm is folded away. There are no conversions of
/// layouts, no other arithmetic, loss or update, and so what it computes means nothing: values lie where the
/// same values of a real program could lie, as long as they would, so that caches see what they would see.
public final class BareProgram: Sendable {
  private let executable: CPUExecutable
  private let buffers: RunBuffers
  private let state: any ResidentState

  fileprivate init(_ executable: CPUExecutable, state: any ResidentState) throws {
    self.executable = executable
    self.state = state
    buffers = try RunBuffers(executable.graph)
  }

  /// The kernels, with those for which the library has only generic code.
  public var report: ExecutionReport { executable.report }

  /// Runs every kernel once.
  public func run() throws { try executable.run(buffers, state: state) }
}

extension CPUBackend {
  /// The library's bare kernels for a graph after the standard passes.
  ///
  /// - Throws: `CPUError` where the library refuses a kernel, or the machine has not the memory.
  public func bareProgram(of graph: Graph) throws -> BareProgram {
    try thread.perform {
      var lowering = BareLowering(graph, engine: thread)
      try lowering.lower()
      let executable = try CPUExecutable(
        graph: lowering.edges, plan: lowering.plan, engine: thread, owner: self)
      let state = makeState()
      for resident in lowering.edges.states {
        let type = lowering.edges.type(resident.value)
        try state.write([resident.name: BareProgram.numbers(type)])
      }
      return try BareProgram(executable, state: state)
    }
  }
}

extension BareProgram {
  /// Small numbers of both signs.
  fileprivate static func numbers(_ type: TensorType) -> HostTensor {
    HostTensor(type: type) { bytes in
      let values = bytes.bindMemory(to: Float.self)
      for index in values.indices {
        values[index] = Float((index & 0xFFFF) * 7919 % 1000) / 10_000 - 0.05
      }
    }
  }
}
