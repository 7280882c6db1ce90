import StriateCore

/// The names of a batch's ports with their types: what a program is compiled for.
public struct BatchType: Sendable, Hashable, CustomStringConvertible {
  /// A port as it is in a batch.
  public struct Entry: Sendable, Hashable {
    /// The port's name.
    public let name: String
    /// The type, the batch axis included.
    public let type: TensorType

    /// A port of this type.
    public init(name: String, type: TensorType) {
      self.name = name
      self.type = type
    }
  }

  /// The ports in their order.
  public let entries: [Entry]

  /// These ports.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// So many examples of a signature.
  public init(_ signature: Signature, count: Int) {
    self.init(signature.ports.map { Entry(name: $0.name, type: $0.type(count: count)) })
  }

  /// Samples `[N, …]` with a class each.
  public init(classifying input: TensorType) {
    let count = input.shape.rank > 0 ? input.shape[0] : 0
    self.init([
      Entry(name: "input", type: input),
      Entry(name: "labels", type: TensorType(.int32, [count])),
    ])
  }

  /// The type of a port; nil where there is none of that name.
  public subscript(name: String) -> TensorType? { entries.first { $0.name == name }?.type }

  /// The number of examples.
  public var count: Int {
    entries.first.map { $0.type.shape.rank > 0 ? $0.type.shape[0] : 0 } ?? 0
  }

  /// `input f32[8, 3, 32, 32], labels i32[8]`.
  public var description: String {
    entries.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
  }
}
