/// Suggestions for a name that is not known.
public enum NearMiss {
  /// The known names close enough to be what was meant, closest first, at most three.
  public static func suggestions(for name: String, among known: [String]) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    let limit = max(2, wanted.count / 3)
    return
      known
      .map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
      .filter { $0.distance <= limit }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(3).map(\.name)
  }

  /// The sentence that offers the suggestions, or one that lists the known names if there are few.
  public static func hint(for name: String, among known: [String]) -> String {
    let close = suggestions(for: name, among: known)
    if !close.isEmpty { return "did you mean \(close.joined(separator: ", "))?" }
    return known.count <= 12 ? "known: \(known.joined(separator: ", "))" : ""
  }

  /// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before = [Int](), previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1] + [Int](repeating: 0, count: b.count)
      for j in b.indices {
        row[j + 1] = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          row[j + 1] = min(row[j + 1], before[j - 1] + 1)
        }
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
