import StriateCore
import StriateIR

/// A compiled graph whose values on the way can be read after a run.
package protocol ObservedExecutable: Executable {
  /// What the kernels of the last run wrote, by the values of the compiled graph.
  ///
  /// A value that never leaves a kernel's registers, or that lies in the memory of a state, is not among them.
  func observedValues() throws -> [ValueID: HostTensor]
}

/// A backend that can leave every tensor of a run in memory of its own.
package protocol ObservableBackend: Backend {
  /// Compiles a graph into the kernels of `compile`, but uses no memory twice.
  func compileObserved(_ graph: Graph) throws -> any ObservedExecutable
}
