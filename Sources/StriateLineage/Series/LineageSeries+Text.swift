import StriateCore
import StriateInspect

extension LineageSeries {
  /// The table for a terminal, and what can be said of the order.
  public func text(columns: Int?) -> String {
    var table = TextTable(
      [
        ("year", .right), ("member", .left), ("test accuracy, %", .right), ("worst", .right),
        ("best", .right), ("samples", .right), ("not told apart from", .left),
      ], columns: columns, shortening: [6])
    for member in members {
      table.add([
        "\(member.year)", member.title, member.text, Numbers.fixed(member.worst * 100, 2),
        Numbers.fixed(member.best * 100, 2), Numbers.short(member.samples * member.passes),
        member.isUnderTrained
          ? "under-trained" : peers(of: member).map(\.id).joined(separator: ", "),
      ])
    }
    return """
      \(table.text)

      \(source)
      \(rule)
      """
  }

  /// The command, and its seeds.
  var source: String { "\(command), SEED \(seeds.map(String.init).joined(separator: ", "))" }

  /// How the order is read.
  var rule: String {
    seeds.count > 1
      ? "± is half of what lies between the best and the worst seed. Of two members that are not named beside each other, the "
        + "one with the higher mean is right more often with each of its seeds than the other with any."
      : "A single seed says nothing about the order."
  }
}
