import Striate

/// A network's answers as lines: probability, name, and a bar as long as the probability.
enum AnswerBars {
  /// The widest bar.
  static let width = 20

  /// A line an answer.
  static func lines(_ answers: [(name: String, score: Double)], _ style: TerminalStyle) -> [String]
  {
    let longest = answers.map { TerminalText.width($0.name) }.max() ?? 0
    return answers.map { name, score in
      let share = Numbers.percent(score, 1)
      let before = String(repeating: " ", count: max(7 - share.count, 0))
      let behind = String(repeating: " ", count: longest - TerminalText.width(name))
      return "  \(before)\(share)  \(name)\(behind)  \(bar(score, style))".trimmedRight
    }
  }

  /// Eighths of a column where the terminal has them.
  private static func bar(_ score: Double, _ style: TerminalStyle) -> String {
    let eighths = score.isFinite ? Int((min(max(score, 0), 1) * Double(width * 8)).rounded()) : 0
    guard style.isUnicode else { return String(repeating: "#", count: (eighths + 4) / 8) }
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + rest
  }

  /// Lines beside the lines of a picture, in its middle; below it where it is no text.
  static func beside(_ picture: String, isText: Bool, _ lines: [String]) -> String {
    guard isText, !picture.isEmpty else {
      return ([picture] + lines).filter { !$0.isEmpty }.joined(separator: "\n")
    }
    var rows = picture.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if rows.last == "" { rows.removeLast() }
    guard rows.count >= lines.count else { return (rows + lines).joined(separator: "\n") }
    let top = (rows.count - lines.count) / 2
    for (index, line) in lines.enumerated() {
      rows[top + index] += line.hasPrefix("  ") ? line : "  \(line)"
    }
    return rows.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmedRight: String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
