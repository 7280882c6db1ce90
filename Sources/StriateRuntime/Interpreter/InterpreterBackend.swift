import StriateCore
import StriateIR

/// The reference interpreter: one plain loop an op, in the scalar type it is made for.
///
/// Every other backend, every pass and every gradient is measured against it. A graph's floating-point
/// values are held in `S` whatever their declared type is.
public struct InterpreterBackend<S: InterpreterScalar>: Backend {
  /// An interpreter.
  public init() {}

  public var id: String { S.self == Double.self ? "oracle" : "reference" }
  public var summary: String { "interpreter in \(S.self), one thread" }

  public func compile(_ graph: Graph) throws -> any Executable { Interpreter<S>(graph) }
  public func makeState() -> any ResidentState { HostState() }
}

/// The scalar types in which the interpreter can hold floating-point values.
public protocol InterpreterScalar: Scalar, BinaryFloatingPoint {}
extension Float: InterpreterScalar {}
extension Double: InterpreterScalar {}

/// Resident tensors in host memory, as the interpreter keeps them.
public final class HostState: ResidentState, @unchecked Sendable {
  private var tensors = NamedTensors()

  /// An empty state.
  public init() {}

  public var names: [String] { tensors.names }

  public func write(_ tensors: NamedTensors) throws {
    for (name, value) in tensors { self.tensors[name] = value }
  }

  public func read(_ names: [String]) throws -> NamedTensors {
    var result = NamedTensors()
    for name in names {
      guard let value = tensors[name] else {
        throw TensorError(
          .missing,
          "the state has no tensor \(name); \(NearMiss.hint(for: name, among: tensors.names))")
      }
      result[name] = value
    }
    return result
  }
}
