/// One fault found while a graph was built.
///
/// Building neither throws nor traps: a fault is recorded here, its result is poisoned, and compiling
/// the graph throws all of them at once.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
  /// Whether the graph can still be compiled.
  public enum Severity: String, Sendable { case error, warning }

  /// Whether the graph can still be compiled.
  public var severity: Severity
  /// The layer in which it happened: `layer3.0.conv2`; empty at the root.
  public var path: String
  /// The operation that refused.
  public var op: String
  /// The types of its operands.
  public var operands: [TensorType]
  /// What was expected and what was found.
  public var message: String
  /// The line of model code.
  public var location: SourceLocation?

  /// A diagnostic.
  public init(
    _ severity: Severity, path: String, op: String, operands: [TensorType] = [],
    message: String, location: SourceLocation? = nil
  ) {
    self.severity = severity
    self.path = path
    self.op = op
    self.operands = operands
    self.message = message
    self.location = location
  }

  /// One line: `layer1.conv: convolution(f32[…], f32[…]): … (Net.swift:12)`.
  public var description: String {
    let place = path.isEmpty ? "" : "\(path): "
    let arguments = operands.map(\.description).joined(separator: ", ")
    let line = location.map { " (\($0))" } ?? ""
    return "\(place)\(op)(\(arguments)): \(message)\(line)"
  }
}

/// A line of source code.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// Module and file.
  public var fileID: String
  /// Line, counted from 1.
  public var line: Int

  /// A line of source code.
  public init(fileID: String, line: Int) {
    self.fileID = fileID
    self.line = line
  }

  /// `Net.swift:12`.
  public var description: String {
    "\(fileID.split(separator: "/").last.map(String.init) ?? fileID):\(line)"
  }
}

/// All faults of a graph, thrown when it is compiled.
public struct TraceError: Error, Sendable, CustomStringConvertible {
  /// The faults in the order in which they were found.
  public var diagnostics: [Diagnostic]

  /// An error that carries these faults.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// A line a fault.
  public var description: String {
    diagnostics.map(\.description).joined(separator: "\n")
  }
}
