import StriateCore
import StriateIR

/// Parts of a network in the order of its parameters, as fine-tuning freezes them or gives them rates of their own.
public enum Stages {
  /// Paths that together hold all parameters before a layer, and none of it or after it.
  ///
  /// - Throws: `TrainingError` where no parameter lies at or under the path, with those that may have been meant.
  public static func before(_ layer: String, in naming: Naming) throws(TrainingError) -> [String] {
    let paths = naming.parameters.map(\.path)
    guard let start = paths.firstIndex(where: { holds(layer, $0) }) else {
      var known: [String] = []
      for path in paths {
        for prefix in prefixes(of: path).dropLast() where known.last != prefix {
          if !known.contains(prefix) { known.append(prefix) }
        }
      }
      throw TrainingError(
        .invalidSetting,
        "no parameter lies under '\(layer)'; \(NearMiss.hint(for: layer, among: known))")
    }
    let after = paths[start...]
    var stages: [String] = []
    for path in paths[..<start] where !stages.contains(where: { holds($0, path) }) {
      let free = prefixes(of: path).first { prefix in !after.contains { holds(prefix, $0) } }
      stages.append(free ?? path)
    }
    return stages
  }

  /// The network's parts: its properties, of which one that holds most of the parameters falls into its own.
  public static func all(of naming: Naming) -> [String] {
    let paths = naming.parameters.filter { $0.parameter.role == .weight }.map(\.path)
    func count(_ prefix: String) -> Int { paths.filter { holds(prefix, $0) }.count }
    var stages: [String] = []
    for path in paths {
      let prefixes = prefixes(of: path)
      guard let first = prefixes.first else { continue }
      let splits = 2 * count(first) > paths.count && prefixes.count > 2
      let stage = splits ? prefixes[1] : first
      if !stages.contains(stage) { stages.append(stage) }
    }
    return stages
  }

  /// Rates that fall from the last part to the first, each a factor of the one behind it (Clark, Luong, Le and Manning,
  /// "ELECTRA", 2020, appendix A, of layers).
  public static func decayingRates(_ factor: Double, in naming: Naming) -> [ParameterGroup] {
    let stages = all(of: naming)
    var rate = 1.0
    var groups: [ParameterGroup] = []
    for stage in stages.reversed() {
      groups.append(ParameterGroup(matching: .path(stage), rate: rate))
      rate *= factor
    }
    return groups.reversed()
  }

  /// The paths of the batch norms.
  public static func batchNorms(in naming: Naming) -> [String] {
    var found: [String] = []
    for (path, _) in naming.parameters
    where naming.layerKind(holding: path)?.hasPrefix("BatchNorm") ?? false {
      let layer = path.split(separator: ".").dropLast().joined(separator: ".")
      if found.last != layer { found.append(layer) }
    }
    return found
  }

  private static func holds(_ prefix: String, _ path: String) -> Bool {
    path == prefix || path.hasPrefix(prefix + ".")
  }

  /// `a`, `a.b` and `a.b.c` of `a.b.c`.
  private static func prefixes(of path: String) -> [String] {
    var (result, prefix) = ([String](), "")
    for part in path.split(separator: ".") {
      prefix += (prefix.isEmpty ? "" : ".") + part
      result.append(prefix)
    }
    return result
  }
}
