import StriateCore
import StriateIR

/// Layers one after the other, their keys beginning with their places.
///
/// The second layer's weight is `1.weight`.
///
/// ```swift
/// let head = Sequential(Linear(in: 400, out: 120), ReLU(), Linear(in: 120, out: 10))
/// let stage = Sequential(repeated(3) { _ in Block(width: 64) })
/// ```
public struct Sequential: Layer, TransparentContainer {
  /// The layers in order.
  public let layers: [any Layer]

  /// Layers in this order.
  public init(_ layers: any Layer...) { self.layers = layers }

  /// Layers in this order.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// Layers in this order.
  public init<L: Layer>(_ layers: [L]) { self.layers = layers }

  /// The layers under their names.
  public var namedChildren: [(name: String, child: any Sendable)] {
    layers.enumerated().map { ("\($0.offset)", $0.element) }
  }

  /// Applies the layers in order.
  public func forward(_ x: Tensor) -> Tensor {
    layers.reduce(x) { x, layer in layer(x) }
  }
}

/// Layers one after the other, each under a name, for keys that are no Swift identifiers.
///
/// ```swift
/// NamedSequential([("block1-0", conv), ("block1-1", norm)])
/// ```
public struct NamedSequential: Layer, TransparentContainer {
  /// The layers with their names in order.
  public let layers: [(name: String, layer: any Layer)]

  /// Layers in this order; a name that stands twice is reported when it is traced.
  public init(_ layers: [(name: String, layer: any Layer)]) { self.layers = layers }

  /// The layers under their names.
  public var namedChildren: [(name: String, child: any Sendable)] {
    layers.map { ($0.name, $0.layer) }
  }

  /// Applies the layers in order.
  public func forward(_ x: Tensor) -> Tensor {
    let names = layers.map(\.name)
    if Set(names).count != names.count || names.contains("") {
      return x.builder.refuse(
        "named_sequential", "names must differ and not be empty, found \(names)", operands: [x])
    }
    return layers.reduce(x) { x, entry in entry.layer(x) }
  }
}

/// As many layers, each made anew, so that none share weights; none for a negative count.
public func repeated<L>(_ count: Int, _ make: (Int) throws -> L) rethrows -> [L] {
  try (0..<max(count, 0)).map(make)
}
