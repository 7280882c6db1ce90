import StriateCore
import StriateIR
import StriateRuntime

/// A small computation that shows how a device runs an op: one corner of its attributes.
struct EngineProbe: Sendable {
  /// Ops that belong together.
  enum Family: String, Sendable, CaseIterable {
    case convolution, pooling, norm, matmul, softmax, reduction, pointwise, resize, movement, loss
    case indexing, sorting, scan, random, quantization
    /// Element types that networks seldom compute in.
    case types
  }

  let family: Family
  /// What is tried: `convolution, grouped`.
  let name: String
  let inputs: [TensorType]
  let build: @Sendable ([Tensor]) -> Tensor

  /// A computation on single-precision tensors.
  init(
    _ family: Family, _ name: String, _ shapes: Shape...,
    build: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.init(family, name, types: shapes.map { TensorType(.float32, $0) }, build: build)
  }

  /// A computation on tensors of any types.
  init(
    _ family: Family, _ name: String, types: [TensorType],
    build: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.family = family
    self.name = name
    inputs = types
    self.build = build
  }

  /// The computation with its gradients in all inputs of floating point, as a program.
  func program(on device: Device) throws -> Program {
    try Program(on: device, options: TraceOptions(mode: .training)) { builder in
      let x = inputs.enumerated().map { builder.input("x\($0.offset)", $0.element) }
      let y = build(x)
      builder.output("y", y)
      let moved = x.filter(\.dtype.isFloatingPoint)
      if y.isPoisoned || !y.dtype.isFloatingPoint || moved.isEmpty { return }
      // The gradient that arrives is no constant, so that nothing is folded away.
      let dy = builder.input("dy", y.type)
      for (index, dx) in builder.gradients(of: [(y, dy)], in: moved).enumerated() {
        builder.output("dx\(index)", dx)
      }
    }
  }
}

/// A kernel of a device that is the interpreter's or the library's slow, generic code.
public struct EngineGap: Sendable, Hashable {
  /// The op.
  public var op: String
  /// What it makes, of which type.
  public var shape: String
  /// Who computes it.
  public var implementation: String
  /// Why no fast kernel does.
  public var reason: String
  /// The probe or the network in which it was found.
  public var place: String

  /// The gaps of a program.
  static func found(in program: Program, at place: String) -> [EngineGap] {
    let graph = program.graph
    return program.executable.report.kernels.filter(\.isNaive).map { kernel in
      let node = kernel.nodes.last.flatMap {
        graph.nodes.indices.contains($0) ? graph.nodes[$0] : nil
      }
      return EngineGap(
        op: kernel.name, shape: node?.outputs.first.map { "\(graph.type($0))" } ?? "",
        implementation: kernel.implementation,
        reason: kernel.reason ?? "the library has only its generic code for this",
        place: place)
    }
  }
}
