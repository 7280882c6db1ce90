/// A named tensor of examples: what a data set fills, a batch holds and a program reads.
///
/// ```swift
/// Port("mask", .int32, [128, 128], axes: ["H", "W"], role: .target)
/// ```
public struct Port: Sendable, Hashable, CustomStringConvertible {
  /// What a port is for.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// What a network is given.
    case input
    /// What its answer is judged by: the ground truth.
    case target
    /// How much an example, or a place in it, counts.
    case weight
    /// Which example it is; never computed with.
    case identity
  }

  /// The name, which is also that of the program's input: `input`, `labels`.
  public var name: String
  /// The element type.
  public var dtype: DType
  /// The shape of one example, without the batch axis.
  public var shape: Shape
  /// The names of the axes of that shape, such as `C`, `H`, `W`; empty where they have none.
  public var axes: [String]
  /// What it is for.
  public var role: Role

  /// A port.
  public init(
    _ name: String, _ dtype: DType, _ shape: Shape, axes: [String] = [], role: Role
  ) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.axes = axes
    self.role = role
  }

  /// The type of so many examples, the batch axis first.
  public func type(count: Int) -> TensorType { TensorType(dtype, Shape([count] + shape.dims)) }

  /// `mask: i32[H=128, W=128]`.
  public var description: String {
    let extents = shape.dims.enumerated().map { place, extent in
      axes.indices.contains(place) ? "\(axes[place])=\(extent)" : "\(extent)"
    }
    return "\(name): \(dtype)[\(extents.joined(separator: ", "))]"
  }
}

/// The ports of a data set's examples, of a batch or of a network, in a fixed order.
public struct Signature: Sendable, Hashable, CustomStringConvertible {
  /// The ports.
  public var ports: [Port]

  /// These ports.
  public init(_ ports: [Port]) { self.ports = ports }

  /// One input of floating point and one class an example: `input` and `labels`.
  public static func classification(_ input: Shape) -> Signature {
    let axes = input.rank == 3 ? ["C", "H", "W"] : []
    return Signature([
      Port("input", .float32, input, axes: axes, role: .input),
      Port("labels", .int32, .scalar, role: .target),
    ])
  }

  /// The port of a name; nil where there is none.
  public subscript(name: String) -> Port? { ports.first { $0.name == name } }

  /// The first port of a role; nil where there is none.
  public func first(_ role: Port.Role) -> Port? { ports.first { $0.role == role } }

  /// The bytes of one example.
  public var byteCount: Int {
    ports.reduce(0) { $0 + TensorType($1.dtype, $1.shape).byteCount }
  }

  /// `input: f32[C=3, H=32, W=32], labels: i32[]`.
  public var description: String { ports.map(\.description).joined(separator: ", ") }
}

/// Where one example is written: the room of each port, in the order of the signature.
public struct ExampleBuffers {
  /// The room of each port; all of it must be written.
  public let rooms: [UnsafeMutableRawBufferPointer]

  /// Room for the ports of a signature.
  public init(_ rooms: [UnsafeMutableRawBufferPointer]) { self.rooms = rooms }

  /// The room of a port as numbers; empty where there is no such port.
  public func values<T: Scalar>(_ port: Int, as: T.Type = T.self) -> UnsafeMutableBufferPointer<T> {
    guard rooms.indices.contains(port) else { return .init(start: nil, count: 0) }
    return rooms[port].bindMemory(to: T.self)
  }
}
