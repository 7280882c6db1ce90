import StriateCore

/// One way in which names of a file are those of a network: what stands before them, and whose names they are.
///
/// What is looked for is the network without its classifier, so that a backbone fits too.
public struct NameFit: Sendable {
  /// What stands before each name of the file, with the sign between: `state_dict.module.`, or nothing.
  public let prefix: String
  /// Whose names they are; nil where they are the catalogue's own.
  public let convention: WeightNames?
  /// The network's tensors that the file lacks, in the network's order; counts of batches are not missed.
  public let missing: [String]
  /// Tensors of the network whose shape in the file is another one, but for the number of rows.
  public let mismatched: Int
  /// Tensors of the file that are named like the network's and belong to none of it.
  public let unknown: Int
  private let sources: [String: WeightSource]
  private let aliases: [String: String]

  /// Whether the names are the network's own as they are.
  public var isOwn: Bool { prefix.isEmpty && convention == nil }

  /// The network's tensor of a name; nil where the file has none.
  ///
  /// - Parameter read: the file's tensor of a name.
  public func tensor(
    _ name: String, _ read: (String) throws -> HostTensor?
  ) rethrows -> HostTensor? {
    try sources[name]?.tensor { try aliases[$0].flatMap(read) }
  }

  /// The name in the file that a tensor of the network comes from.
  public func source(_ name: String) -> String? { sources[name].flatMap { aliases[$0.name] } }

  /// Every way in which a network can be found among the tensors of a file.
  ///
  /// - Parameters:
  ///   - expected: the network's parameters in its own order, for any number of classes.
  ///   - shapes: the file's.
  ///   - optional: further tensors that may be missing, such as those of auxiliary heads.
  public static func all(
    of expected: [WeightNames.Expected], in shapes: [String: Shape], optional: Set<String> = []
  ) -> [NameFit] {
    let needed = expected.filter { !$0.name.hasSuffix(".num_batches_tracked") }
    let head = Set(head(of: expected))
    var core = needed.filter { !head.contains($0.name) && !optional.contains($0.name) }
    if core.isEmpty { core = needed }
    var fits: [NameFit] = []
    for convention in WeightNames.allCases {
      guard let sources = convention.sources(of: expected) else { continue }
      for prefix in prefixes(of: core, sources, in: shapes) {
        let fit = NameFit(
          prefix, convention == .wrapped ? nil : convention, sources, needed, core, shapes)
        // Conventions may differ in the classifier alone.
        if let place = fits.firstIndex(where: { $0.prefix == prefix }) {
          if fit.missing.count < fits[place].missing.count { fits[place] = fit }
        } else {
          fits.append(fit)
        }
      }
    }
    return fits
  }

  private init(
    _ prefix: String, _ convention: WeightNames?, _ sources: [String: WeightSource],
    _ needed: [WeightNames.Expected], _ core: [WeightNames.Expected], _ shapes: [String: Shape]
  ) {
    (self.prefix, self.convention, self.sources) = (prefix, convention, sources)
    var aliases: [String: String] = [:]
    for source in sources.values {
      for name in [source.name, source.subtracted].compactMap({ $0 }) {
        aliases[name] = Self.find(name, behind: prefix, in: shapes)
      }
    }
    self.aliases = aliases
    let missing = needed.filter { entry in sources[entry.name].flatMap { aliases[$0.name] } == nil }
    self.missing = missing.map(\.name)
    mismatched = core.count { entry in
      guard let source = sources[entry.name], source.isUnchanged,
        let found = aliases[source.name].flatMap({ shapes[$0] })
      else { return false }
      return found.dims != entry.shape.dims
    }
    let used = Set(aliases.values)
    let parts = Set(sources.values.compactMap { $0.name.split(separator: ".").first })
    unknown = shapes.keys.count { name in
      guard name.hasPrefix(prefix), !used.contains(name), !name.hasSuffix(".num_batches_tracked")
      else { return false }
      return name.dropFirst(prefix.count).split(separator: ".").first.map(parts.contains) ?? false
    }
  }

  /// The tensors of the part that the last layer belongs to; of the last layer alone where all is one part.
  public static func head(of parameters: [WeightNames.Expected]) -> [String] {
    let needed = parameters.filter { !$0.name.hasSuffix(".num_batches_tracked") }
    guard let last = needed.last?.name else { return [] }
    let part = last.split(separator: ".").first ?? ""
    let names = needed.map(\.name).filter { $0.split(separator: ".").first == part }
    if names.count < needed.count { return names }
    let layer = last.split(separator: ".").dropLast().joined(separator: ".") + "."
    return needed.map(\.name).filter { $0.hasPrefix(layer) }
  }

  /// What stands before the names, wherever all of them are.
  private static func prefixes(
    of core: [WeightNames.Expected], _ sources: [String: WeightSource], in shapes: [String: Shape]
  ) -> [String] {
    let names = core.compactMap { sources[$0.name]?.name }
    // The longest name is seldom the end of another one.
    guard names.count == core.count, let longest = names.max(by: { $0.utf8.count < $1.utf8.count })
    else { return [] }
    let starts = shapes.keys.compactMap { key -> String? in
      let name = key.hasSuffix(":0") ? String(key.dropLast(2)) : key
      guard name.hasSuffix(longest) else { return nil }
      let start = String(name.dropLast(longest.count))
      return start.isEmpty || start.hasSuffix(".") || start.hasSuffix("/") ? start : nil
    }
    return Set(starts).filter { start in
      names.allSatisfy { find($0, behind: start, in: shapes) != nil }
    }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  /// The file's name; Keras 2 wrote `:0` behind names.
  private static func find(
    _ name: String, behind prefix: String, in shapes: [String: Shape]
  ) -> String? {
    let full = prefix + name
    if shapes[full] != nil { return full }
    return name.contains("/") && shapes["\(full):0"] != nil ? "\(full):0" : nil
  }
}
