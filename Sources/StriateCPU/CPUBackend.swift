import CDNNL
import StriateCore
import StriateIR
import StriateRuntime

/// The CPU engine: whole graphs on oneDNN's kernels and our own.
public final class CPUBackend: Backend {
  /// The library in use.
  public let library: DNNLibrary
  /// Size of the thread pool.
  public let threads: Int
  /// Kernels that are chosen by trying; nil where rules choose them.
  public let autotune: Autotune?
  let thread: EngineThread

  /// An engine with a pool of this size; by default as many threads as the process has cores.
  ///
  /// - Parameter autotune: chooses kernels by trying them, or as they were chosen before.
  /// - Throws: `CPUError` where oneDNN is not found.
  public init(threads: Int? = nil, autotune: Autotune? = nil) throws {
    self.autotune = autotune
    library = try DNNLibrary.load()
    let cores = CPUBackend.availableCores
    self.threads = library.hasPool ? max(1, min(threads ?? cores, 4 * cores)) : 1
    thread = try EngineThread(threads: self.threads)
  }

  deinit { thread.stop() }

  public var id: String { "cpu" }

  public var summary: String {
    "oneDNN \(library.version), \(library.instructionSet), \(threads) thread\(threads == 1 ? "" : "s")"
  }

  public func compile(_ graph: Graph) throws -> any Executable {
    try executable(graph, isObserved: false)
  }

  /// Compiles a graph after this engine's own passes.
  func executable(_ graph: Graph, isObserved: Bool) throws -> CPUExecutable {
    let passes =
      (Switch.foldBatchNorm.isOn ? Pass.folding : [])
      + (Switch.gatePooled.isOn ? [.gateBeforeUnpooling, .eliminateDeadCode] : [])
    let graph = graph.applying(passes)
    return try compile(
      graph, autotune?.ways(for: graph, on: self) ?? [:], isObserved: isObserved)
  }

  /// Compiles a graph as it is, with these kernels for its convolutions.
  ///
  /// - Parameter isObserved: whether every value keeps its memory to a run's end.
  func compile(
    _ graph: Graph, _ ways: [ConvolutionKey: ConvolutionWay], isObserved: Bool = false
  ) throws -> CPUExecutable {
    // The engine's thread belongs to no task: it sees the caller's switches only if they are handed over.
    let leftOut = Switch.leftOut
    return try thread.perform { [thread] in
      try Switch.$leftOut.withValue(leftOut) {
        var lowering = Lowering(graph, engine: thread, ways: ways)
        let plan = try lowering.lower()
        return try CPUExecutable(
          graph: graph, plan: plan, engine: thread, owner: self,
          observed: isObserved ? lowering.places.compactMapValues(\.first) : nil)
      }
    }
  }

  public var kernelChoices: [String: String] { autotune?.used ?? [:] }

  public func makeState() -> any ResidentState { CPUState(engine: thread) }

  /// The cores that this process may run on.
  public static var availableCores: Int {
    max(1, Int(dn_available_cores()))
  }
}

extension Device {
  /// The CPU engine on oneDNN.
  ///
  /// - Throws: `CPUError` with the command that gets oneDNN where it is not found.
  public static func cpu(threads: Int? = nil, autotune: Autotune? = nil) throws -> Device {
    Device(try CPUBackend(threads: threads, autotune: autotune))
  }
}
