import StriateCore

/// The identity of one of a model's tensors: its type, its role and how it starts, never its value.
///
/// Its name is that of the property that holds it; its value lives in named tensors.
public final class Parameter: Sendable, Operand {
  /// Whether the optimiser changes it.
  public enum Role: String, Sendable, Hashable {
    /// Learned from gradients.
    case weight
    /// Kept by the layer itself, such as running statistics.
    case buffer
  }

  /// The element type and the extents.
  public let type: TensorType
  /// Whether the optimiser changes it.
  public let role: Role
  /// How it starts.
  public let initializer: Initializer
  /// Why it could not be made; reported when a program reads it.
  public let fault: String?

  /// A parameter; a negative extent makes it poisoned.
  public init(
    _ shape: Shape, dtype: DType = .float32, role: Role = .weight, initializer: Initializer,
    fault: String? = nil
  ) {
    type = TensorType(dtype, shape)
    self.role = role
    self.initializer = initializer
    self.fault =
      fault ?? (shape.dims.contains { $0 < 1 } ? "its shape \(shape) has an empty extent" : nil)
  }

  public func tensor(in builder: GraphBuilder, dtype: DType) -> Tensor { builder.read(self) }
}

/// The identity of a layer without parameters, so that it too has a name.
public final class LayerID: Sendable {
  /// A new identity.
  public init() {}
}

/// How a parameter's first value is made: a small graph over random draws.
public struct Initializer: Sendable {
  /// The name in summaries: `he(fanIn)`.
  public let name: String
  /// Builds the value; random draws inside are keyed by the parameter's path.
  public let make: @Sendable (GraphBuilder, Shape) -> Tensor
  /// A last step on the host, in Double, for what is no graph: the orthogonal basis of drawn numbers.
  public let finish: (@Sendable (_ values: [Double], _ shape: Shape) -> [Double])?

  /// An initialiser; `finish` maps the numbers that the graph made to as many others.
  public init(
    _ name: String, finish: (@Sendable (_ values: [Double], _ shape: Shape) -> [Double])? = nil,
    make: @escaping @Sendable (GraphBuilder, Shape) -> Tensor
  ) {
    self.name = name
    self.make = make
    self.finish = finish
  }
}

extension GraphBuilder {
  /// The graph that makes the first values of a model's parameters, an output a parameter.
  public static func initialValues(of naming: Naming) throws(TraceError) -> Graph {
    let builder = GraphBuilder(naming: naming)
    for (path, parameter) in naming.parameters {
      builder.scope = path
      if let fault = parameter.fault {
        _ = builder.refuse("parameter", fault)
        continue
      }
      var value = parameter.initializer.make(builder, parameter.type.shape)
      if value.dtype != parameter.type.dtype { value = value.converted(to: parameter.type.dtype) }
      if !value.isPoisoned, value.type != parameter.type {
        value = builder.refuse(
          "initializer", "\(parameter.initializer.name) made \(value.type) for \(parameter.type)")
      }
      builder.output(path, value)
    }
    return try builder.finish()
  }
}
