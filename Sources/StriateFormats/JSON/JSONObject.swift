/// The members of a JSON object in their order.
public struct JSONObject: Sendable, Hashable, Sequence, ExpressibleByDictionaryLiteral {
  /// The names in order.
  public private(set) var names: [String] = []
  private var values: [String: JSON] = [:]

  /// An empty object.
  public init() {}

  /// Members in this order; a repeated name keeps its first place and its last value.
  public init(_ members: some Sequence<(String, JSON)>) {
    for (name, value) in members { self[name] = value }
  }

  /// Members in this order; a repeated name keeps its first place and its last value.
  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

  /// The value under a name; setting nil takes the member out.
  public subscript(name: String) -> JSON? {
    get { values[name] }
    set {
      if let newValue {
        if values.updateValue(newValue, forKey: name) == nil { names.append(name) }
      } else if values.removeValue(forKey: name) != nil {
        names.removeAll { $0 == name }
      }
    }
  }

  /// The number of members.
  public var count: Int { names.count }

  /// The members in order.
  public func makeIterator() -> some IteratorProtocol<(name: String, value: JSON)> {
    names.lazy.compactMap { name in values[name].map { (name: name, value: $0) } }.makeIterator()
  }
}
