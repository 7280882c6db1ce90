import StriateCore

/// A value in a graph that is being built.
///
/// It carries its graph; arithmetic on it appends operations. A refused operation gives a poisoned tensor:
/// further operations on it are silent, and `Program` reports the refusal.
public struct Tensor {
  /// The graph under construction.
  public let builder: GraphBuilder
  /// The value.
  public let id: ValueID

  /// A value of a graph under construction.
  package init(builder: GraphBuilder, id: ValueID) {
    self.builder = builder
    self.id = id
  }

  /// Whether an operation that led here was refused.
  public var isPoisoned: Bool { id == .poison }
  /// The element type and the extents.
  public var type: TensorType { builder.graph.type(id) }
  /// The element type.
  public var dtype: DType { type.dtype }
  /// The extents.
  public var shape: Shape { type.shape }
}

/// What may stand beside a tensor in arithmetic: a tensor, a parameter, or a number, which takes the
/// tensor's element type.
public protocol Operand {
  /// The operand as a tensor of the graph.
  func tensor(in builder: GraphBuilder, dtype: DType) -> Tensor
}

extension Tensor: Operand {
  public func tensor(in builder: GraphBuilder, dtype: DType) -> Tensor { self }
}

extension Double: Operand {
  public func tensor(in builder: GraphBuilder, dtype: DType) -> Tensor {
    builder.fill(self, TensorType(dtype, .scalar))
  }
}

extension Float: Operand {
  public func tensor(in builder: GraphBuilder, dtype: DType) -> Tensor {
    builder.fill(Double(self), TensorType(dtype, .scalar))
  }
}

extension Int: Operand {
  public func tensor(in builder: GraphBuilder, dtype: DType) -> Tensor {
    builder.fill(Double(self), TensorType(dtype, .scalar))
  }
}

/// Tensors that a model takes or returns together, each under a name.
public protocol TensorGroup {
  /// The tensors with their names; a single tensor's name is empty.
  var namedTensors: [(name: String, tensor: Tensor)] { get }
}

extension Tensor: TensorGroup {
  public var namedTensors: [(name: String, tensor: Tensor)] { [("", self)] }
}
