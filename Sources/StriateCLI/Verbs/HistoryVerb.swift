import ArgumentParser
import Striate

struct HistoryVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "The story of convolutional networks: what was believed, and what changed.",
    discussion:
      "Each step with the claims that show it, for 'striate claims run', and the models here that carry it."
  )

  @OptionGroup var output: OutputOptions

  func run() throws {
    let style = TerminalStyle.output
    let width = min(style.limit ?? 100, 100)
    let text = HistoryStep.all.map { step in
      var lines = [
        style.paint("\(step.year)  \(step.title)", .strong),
        style.paint("      \(step.paper)", .faint),
      ]
      lines += Self.wrapped("believed", step.believed, width)
      lines += Self.wrapped("changed", step.changed, width)
      if !step.claims.isEmpty {
        lines += Self.wrapped("claims", step.claims.joined(separator: ", "), width)
      }
      if !step.models.isEmpty {
        lines += Self.wrapped("models", step.models.joined(separator: ", "), width)
      }
      return lines.joined(separator: "\n")
    }
    let json = HistoryStep.all.map { step -> JSON in
      [
        "year": JSON(step.year), "title": JSON(step.title), "paper": JSON(step.paper),
        "believed": JSON(step.believed), "changed": JSON(step.changed),
        "claims": JSON(step.claims), "models": JSON(step.models),
      ]
    }
    try output.show(.array(json), text: text.joined(separator: "\n\n"))
  }

  /// A text under a name, its lines as long as there is room.
  private static func wrapped(_ name: String, _ text: String, _ width: Int) -> [String] {
    let indent = 17
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > max(width - indent, 20) {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { lines.append(line) }
    return lines.enumerated().map { place, line in
      let head = place == 0 ? "      \(name)" : ""
      return head + String(repeating: " ", count: max(indent - head.count, 1)) + line
    }
  }
}
