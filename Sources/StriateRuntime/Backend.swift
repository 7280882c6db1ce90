import StriateCore
import StriateIR

/// A machine's way to run graphs: the interpreter, the CPU engine, an accelerator.
public protocol Backend: Sendable {
  /// The id that the command line knows: `cpu`, `reference`.
  var id: String { get }
  /// What it is, in words: library, version, threads.
  var summary: String { get }

  /// Turns a graph into something that runs; all planning and allocation happens here.
  func compile(_ graph: Graph) throws -> any Executable

  /// An empty set of tensors that stay on the device.
  func makeState() -> any ResidentState
}

/// Tensors that stay on a device from run to run, in whatever layout its programs want them.
public protocol ResidentState: AnyObject, Sendable {
  /// The names present, in the order in which they were first written.
  var names: [String] { get }

  /// Sets tensors under their names.
  func write(_ tensors: NamedTensors) throws

  /// Copies tensors to the host, rows contiguous.
  ///
  /// - Throws: `TensorError` for a name that is not there.
  func read(_ names: [String]) throws -> NamedTensors
}

/// A compiled graph.
public protocol Executable: AnyObject, Sendable {
  /// The graph as it was compiled, after the standard passes.
  var graph: Graph { get }
  /// What compiling decided.
  var report: ExecutionReport { get }

  /// Runs once: reads the buffers' inputs and the state, leaves outputs in the buffers and updates in the
  /// state. Allocates nothing once the state has been seen.
  func run(_ buffers: RunBuffers, state: any ResidentState) throws

  /// Runs once and gives the seconds that each kernel of the report took; empty where kernels are not timed.
  func profile(_ buffers: RunBuffers, state: any ResidentState) throws -> [Double]
}

extension Executable {
  /// Runs once without timing kernels.
  public func profile(_ buffers: RunBuffers, state: any ResidentState) throws -> [Double] {
    try run(buffers, state: state)
    return []
  }
}

/// What compiling a graph decided: for summaries, benchmarks and tests.
public struct ExecutionReport: Sendable {
  /// One kernel of the lowered program.
  public struct Kernel: Sendable, Hashable {
    /// What it computes: `convolution + bias + relu`.
    public var name: String
    /// Who computes it: `jit:avx512_core`, `striate:pointwise`, `reference`.
    public var implementation: String
    /// The layer it stems from.
    public var path: String
    /// Forward, backward or update.
    public var phase: Phase

    /// A kernel.
    public init(name: String, implementation: String, path: String, phase: Phase) {
      self.name = name
      self.implementation = implementation
      self.path = path
      self.phase = phase
    }

    /// Whether a library fell back to its slow, generic code.
    public var isNaive: Bool {
      implementation.hasPrefix("ref") || implementation.hasPrefix("simple")
    }
  }

  /// The kernels in the order in which they run.
  public var kernels: [Kernel] = []
  /// Bytes of intermediate tensors and scratch space, planned before the run.
  public var arenaBytes = 0
  /// Conversions between memory layouts.
  public var reorders = 0
  /// Nodes that run inside another node's kernel.
  public var fused = 0

  /// An empty report.
  public init() {}
}

/// Host memory for a program's inputs and outputs, made once and used for many runs.
public final class RunBuffers: @unchecked Sendable {
  /// Names and types of the inputs, in order.
  public let inputPorts: [(name: String, type: TensorType)]
  /// Names and types of the outputs, in order.
  public let outputPorts: [(name: String, type: TensorType)]
  /// Memory of the inputs, rows contiguous.
  public let inputs: [UnsafeMutableRawBufferPointer]
  /// Memory of the outputs, rows contiguous.
  public let outputs: [UnsafeMutableRawBufferPointer]

  /// Buffers for a graph's edges.
  public init(_ graph: Graph) {
    inputPorts = graph.inputs.map { ($0.name, graph.type($0.value)) }
    outputPorts = graph.outputs.map { ($0.name, graph.type($0.value)) }
    func allocate(_ type: TensorType) -> UnsafeMutableRawBufferPointer {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: type.byteCount, alignment: 64)
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return buffer
    }
    inputs = inputPorts.map { allocate($0.type) }
    outputs = outputPorts.map { allocate($0.type) }
  }

  deinit {
    for buffer in inputs + outputs { buffer.deallocate() }
  }

  /// Copies a tensor into an input.
  ///
  /// - Throws: `TensorError` if there is no such input or its type differs.
  public func set(_ name: String, _ tensor: HostTensor) throws(TensorError) {
    guard let index = inputPorts.firstIndex(where: { $0.name == name }) else {
      let known = inputPorts.map(\.name)
      throw TensorError(
        .missing,
        "the program has no input \(name); \(NearMiss.hint(for: name, among: known))")
    }
    guard inputPorts[index].type == tensor.type else {
      throw TensorError(
        .typeMismatch, "input \(name) takes \(inputPorts[index].type), found \(tensor.type)")
    }
    tensor.withUnsafeBytes { inputs[index].copyMemory(from: $0) }
  }

  /// A copy of an output.
  ///
  /// - Throws: `TensorError` if there is no such output.
  public func output(_ name: String) throws(TensorError) -> HostTensor {
    guard let index = outputPorts.firstIndex(where: { $0.name == name }) else {
      let known = outputPorts.map(\.name)
      throw TensorError(
        .missing,
        "the program has no output \(name); \(NearMiss.hint(for: name, among: known))")
    }
    return HostTensor(type: outputPorts[index].type) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(outputs[index]))
    }
  }
}
