import StriateCore
import StriateIR
import StriateRuntime

/// One convolution by itself with one of its kernels, and the time that it takes.
///
/// Conversions between layouts do not count: in a network they depend on the neighbours.
final class KernelTrial {
  /// The kernel that the program has: another than was wanted where that one does not take the shape.
  let way: ConvolutionWay

  private let executable: CPUExecutable
  private let buffers: RunBuffers
  private let state: any ResidentState
  private let counted: [Int]
  private var times: [Double] = []

  /// Compiles the program and runs it once, which no time is taken of.
  init(
    _ graph: Graph, _ key: ConvolutionKey, _ way: ConvolutionWay?, on backend: CPUBackend
  ) throws {
    executable = try backend.compile(graph, way.map { [key: $0] } ?? [:])
    let kernels = executable.report.kernels
    counted = kernels.indices.filter {
      kernels[$0].name == "filter transform" || kernels[$0].name.hasPrefix("convolution")
    }
    self.way = ConvolutionWay(
      implementation: kernels.first { $0.name.hasPrefix("convolution") }?.implementation ?? "")
    buffers = try RunBuffers(graph)
    state = backend.makeState()
    var tensors = NamedTensors()
    for port in graph.states { tensors[port.name] = HostTensor(zeros: graph.type(port.value)) }
    try state.write(tensors)
    try executable.run(buffers, state: state)
  }

  /// Runs it once more.
  func run() throws {
    let found = try executable.profile(buffers, state: state)
    let whole = counted.reduce(Duration.zero) { $0 + found[$1].duration }
    times.append(whole / .nanoseconds(1))
  }

  /// The median of its times, in nanoseconds.
  var median: Double {
    times.isEmpty ? .infinity : times.sorted()[times.count / 2]
  }
}
