import StriateCore

/// An operation that a program brings along, as a Swift value.
///
/// It is an op like any other, with a shape rule, a gradient built from ops, and a cost; every backend
/// computes it on the host. Its stored properties are its attributes: two equal values are one computation.
public protocol CustomOp: OpRule {
  /// Computes the results.
  ///
  /// Floating-point operands come in double precision whatever the graph declares, so that one implementation
  /// serves every backend and the gradient check; such results may be of either width. Must be pure.
  ///
  /// - Throws: any error, which ends the run.
  func compute(_ inputs: [HostTensor]) throws -> [HostTensor]
}

/// A user's op inside a graph.
public struct Custom: OpRule {
  /// The op.
  public let op: any CustomOp

  /// A user's op.
  public init(_ op: any CustomOp) { self.op = op }

  public var name: String { op.name }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: inputs.count, inputs)
    return try op.infer(inputs)
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    let gradients = op.vjp(context)
    // An op that answers for too few operands has no gradient for the others.
    return context.inputs.indices.map { gradients.indices.contains($0) ? gradients[$0] : nil }
  }

  public func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?] {
    let curvatures = op.curvature(bend, context)
    return context.inputs.indices.map { curvatures.indices.contains($0) ? curvatures[$0] : nil }
  }

  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    op.cost(inputs, outputs)
  }

  /// Whether both are ops of one type with equal attributes.
  public static func == (a: Custom, b: Custom) -> Bool { AnyHashable(a.op) == AnyHashable(b.op) }

  /// Hashes the op's type and attributes.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(op)) }
}

// MARK: Surface

extension GraphBuilder {
  /// Applies a user's op; a refusal is recorded and its results are poisoned.
  public func custom(_ op: some CustomOp, _ inputs: [Tensor], results: Int = 1) -> [Tensor] {
    let made = apply(.custom(Custom(op)), inputs, results: results)
    guard made.count == results else {
      let refused = refuse(
        op.name, "makes \(made.count) results, \(results) are asked for", operands: inputs)
      return [Tensor](repeating: refused, count: results)
    }
    return made
  }
}
