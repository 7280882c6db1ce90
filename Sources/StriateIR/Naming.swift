import StriateCore

/// The paths of a model's parameters and layers, from one reflection walk before tracing.
///
/// A property's name is a component, in snake case; an array's or a `Sequential`'s index is one; optionals
/// are transparent. The first path to a shared identity is its name, later ones are aliases.
public struct Naming: Sendable {
  /// The parameters under their paths, in the order of the model's properties.
  public private(set) var parameters: [(path: String, parameter: Parameter)] = []
  /// Further paths to a parameter that has one already, each with its first path.
  public private(set) var aliases: [(path: String, first: String)] = []
  /// What a reader of the model should know: undeclared ties.
  public private(set) var warnings: [String] = []

  private var identities: [ObjectIdentifier: String] = [:]
  private var layers: [LayerRecord] = []

  private struct LayerRecord: Sendable {
    let path: String
    let kind: String
    let type: ObjectIdentifier
    let first: ObjectIdentifier
  }

  /// No names: for graphs without a model.
  public init() {}

  /// The names of a model's parameters and layers.
  public init(_ model: some Any) {
    walk(model, path: "")
    if !aliases.isEmpty {
      let ties = aliases.prefix(4).map { "\($0.path) is \($0.first)" }.joined(separator: ", ")
      warnings.append(
        "parameters are shared (\(ties)\(aliases.count > 4 ? ", …" : "")); if that is not meant, make "
          + "each layer anew: `repeated(n) { _ in … }` instead of `Array(repeating:count:)`")
    }
  }

  /// The path of a parameter, or nil where the model does not hold it.
  public func path(of parameter: Parameter) -> String? {
    identities[ObjectIdentifier(parameter)]
  }

  /// The type's name of the innermost layer that holds a parameter's path, such as `BatchNorm2D`.
  public func layerKind(holding path: String) -> String? {
    let holders = layers.filter { $0.path.isEmpty || path.hasPrefix($0.path + ".") }
    return holders.max { $0.path.count < $1.path.count }?.kind
  }

  /// The path of a layer seen from a scope: the shortest one of its type and identity under it.
  func path(ofLayer layer: some Any, under scope: String, insideRoot: Bool) -> String? {
    guard let first = Naming.firstIdentity(in: layer) else { return nil }
    let kind = ObjectIdentifier(Swift.type(of: layer as Any))
    let prefix = scope.isEmpty ? "" : scope + "."
    var best: String?
    for record in layers where record.first == first && record.type == kind {
      guard record.path.hasPrefix(prefix), !(insideRoot && record.path.isEmpty) else { continue }
      if record.path.count < best?.count ?? .max { best = record.path }
    }
    return best
  }

  private mutating func walk(_ value: Any, path: String) {
    if let parameter = value as? Parameter {
      if let first = identities.updateValue(path, forKey: ObjectIdentifier(parameter)) {
        identities[ObjectIdentifier(parameter)] = first
        aliases.append((path, first))
      } else {
        parameters.append((path, parameter))
      }
      return
    }
    if value is LayerID { return }
    if value is any Model, let first = Naming.firstIdentity(in: value) {
      layers.append(
        LayerRecord(
          path: path, kind: String(describing: Swift.type(of: value)),
          type: ObjectIdentifier(Swift.type(of: value)), first: first))
    }
    for (name, child) in Naming.children(of: value) {
      walk(child, path: name.isEmpty ? path : path.isEmpty ? name : "\(path).\(name)")
    }
  }

  private static func firstIdentity(in value: Any) -> ObjectIdentifier? {
    if let parameter = value as? Parameter { return ObjectIdentifier(parameter) }
    if let identity = value as? LayerID { return ObjectIdentifier(identity) }
    for (_, child) in children(of: value) {
      if let found = firstIdentity(in: child) { return found }
    }
    return nil
  }

  /// The stored children of a value with their path components; an empty component is transparent.
  private static func children(of value: Any) -> [(String, Any)] {
    if let container = value as? any TransparentContainer {
      return container.namedChildren.map { ($0.name, $0.child) }
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      return mirror.children.map { ("", $0.value) }
    case .collection:
      return mirror.children.enumerated().map { ("\($0.offset)", $0.element.value) }
    case .struct, .tuple, .enum:
      return mirror.children.enumerated().map { index, child in
        ((child.label ?? "\(index)").snakeCased, child.value)
      }
    default:
      return []
    }
  }
}

extension String {
  /// `runningMean` as `running_mean`; a tuple's `.0` as `0`.
  var snakeCased: String {
    var result = ""
    for character in self where character != "." {
      if character.isUppercase {
        if !result.isEmpty, result.last != "_" { result.append("_") }
        result.append(contentsOf: character.lowercased())
      } else {
        result.append(character)
      }
    }
    return result
  }
}
