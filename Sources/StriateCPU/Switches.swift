import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Optimisations that can be left out, so that anyone can measure what each of them gives.
///
/// `STRIATE_DISABLE=fold-bn,winograd` leaves out two; the environment is read once, when the first program is
/// compiled. Results stay correct whatever is left out.
package enum Switch: String, CaseIterable, Sendable {
  /// Batch norm in use as part of the filters before it.
  case foldBatchNorm = "fold-bn"
  /// Work on weights that no run changes done once, not in every run.
  case once
  /// Sums and activations within the convolution's kernel.
  case fuseTail = "fuse-tail"
  /// Gradients of convolutions in the forward kernels' layouts.
  case keepLayout = "keep-layout"
  /// ReLU's gradient on a pooling's results instead of on its operand.
  case gatePooled = "gate-pooled"
  /// Batch norm with the sum and activation after it, and their gradients, in our own passes.
  case fuseBatchNorm = "fuse-bn"
  /// Results that are cheap to make computed again for the gradient instead of kept.
  case recompute
  /// Winograd's convolutions.
  case winograd
  /// Our own convolutions of thin channels, where the library has kernels too.
  case thin

  /// Whether the optimisation is in use.
  var isOn: Bool { !(Self.leftOut ?? Self.disabled).contains(self) }

  /// What the programs of this task leave out, whatever the environment says; nil for what that says.
  @TaskLocal package static var leftOut: Set<Switch>?

  private static let disabled: Set<Switch> = {
    guard let text = getenv("STRIATE_DISABLE").map({ String(cString: $0) }) else { return [] }
    var found: Set<Switch> = []
    for name in text.split(separator: ",").map(String.init) {
      if let known = Switch(rawValue: name) {
        found.insert(known)
      } else {
        let names = Switch.allCases.map(\.rawValue).joined(separator: ", ")
        let line = "warning: STRIATE_DISABLE names '\(name)', which is none of \(names)\n"
        try? Descriptor.append(Array(line.utf8), to: STDERR_FILENO)
      }
    }
    return found
  }()
}
