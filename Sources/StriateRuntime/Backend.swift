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

  /// The kernels that were chosen by trying, under what they compute: they decide the last bits.
  var kernelChoices: [String: String] { get }
}

extension Backend {
  public var kernelChoices: [String: String] { [:] }
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

  /// Runs once and says when each kernel of the report ran; empty where kernels are not timed.
  func profile(_ buffers: RunBuffers, state: any ResidentState) throws -> [KernelTime]
}

extension Executable {
  /// Runs once without timing kernels.
  public func profile(_ buffers: RunBuffers, state: any ResidentState) throws -> [KernelTime] {
    try run(buffers, state: state)
    return []
  }
}

/// When a kernel ran.
public struct KernelTime: Sendable, Hashable {
  /// When it began.
  public var start: ContinuousClock.Instant
  /// How long it took.
  public var duration: Duration

  /// A kernel's time.
  public init(start: ContinuousClock.Instant, duration: Duration) {
    self.start = start
    self.duration = duration
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
    /// Why it is not a fast kernel; nil for one that is.
    public var reason: String?
    /// The nodes of the compiled graph that it computes, by their positions; none for a conversion between
    /// layouts and other moves.
    public var nodes: [Int] = []
    /// The pieces of memory that it reads, by numbers that are the program's own.
    public var reads: [Int] = []
    /// The pieces of memory that it writes.
    public var writes: [Int] = []
    /// Bytes read and written if every operand travels once.
    public var bytes = 0

    /// A kernel.
    public init(
      name: String, implementation: String, path: String, phase: Phase, reason: String? = nil
    ) {
      self.name = name
      self.implementation = implementation
      self.path = path
      self.phase = phase
      self.reason = reason
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
