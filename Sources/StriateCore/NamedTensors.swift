/// Tensors under their names, in a fixed order: the weights of a network, or an optimiser's slots.
public struct NamedTensors: Sendable, Equatable, Sequence, ExpressibleByDictionaryLiteral {
  /// The names in the order in which they were first set.
  public private(set) var names: [String] = []
  private var values: [String: HostTensor] = [:]

  /// An empty collection.
  public init() {}

  /// Tensors under these names; a repeated name keeps its first place and its last value.
  public init(dictionaryLiteral elements: (String, HostTensor)...) {
    for (name, value) in elements { self[name] = value }
  }

  /// The tensor under a name; setting nil takes it out.
  public subscript(name: String) -> HostTensor? {
    get { values[name] }
    set {
      if let newValue {
        if values.updateValue(newValue, forKey: name) == nil { names.append(name) }
      } else if values.removeValue(forKey: name) != nil {
        names.removeAll { $0 == name }
      }
    }
  }

  /// The number of tensors.
  public var count: Int { names.count }

  /// The number of elements of all tensors together.
  public var elementCount: Int { values.values.reduce(0) { $0 + $1.count } }

  /// The pairs in order.
  public func makeIterator() -> some IteratorProtocol<(name: String, value: HostTensor)> {
    names.compactMap { name in values[name].map { (name: name, value: $0) } }.makeIterator()
  }
}
