import StriateCore
import StriateIR

/// Where programs run.
public struct Device: Sendable, CustomStringConvertible {
  /// What compiles and runs.
  public let backend: any Backend

  /// A device of a backend.
  public init(_ backend: any Backend) { self.backend = backend }

  /// The id that the command line knows.
  public var id: String { backend.id }
  /// The id.
  public var description: String { backend.id }

  /// The interpreter in single precision: slow, obvious, everywhere.
  public static let reference = Device(InterpreterBackend<Float>())
  /// The interpreter in double precision: the oracle.
  public static let oracle = Device(InterpreterBackend<Double>())
}
