import StriateCore

/// Rows of text in aligned columns.
package struct TextTable {
  /// On which side a column's cells are flush.
  package enum Side: Sendable { case left, right }

  private var rows: [[String]]
  private let sides: [Side]
  private let columns: Int?
  private let shortened: [Int]
  private var rules: Set<Int> = [1]

  /// A table with a head.
  ///
  /// - Parameters:
  ///   - columns: characters of a line at most.
  ///   - shortened: the columns whose cells are cut in their middle where lines are longer, in this order.
  package init(
    _ titles: [(title: String, side: Side)], columns: Int? = nil, shortening shortened: [Int] = []
  ) {
    rows = [titles.map(\.title)]
    sides = titles.map(\.side)
    self.columns = columns
    self.shortened = shortened.filter(sides.indices.contains)
  }

  /// Adds a row; missing cells are empty.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// Draws a line beneath what is there.
  package mutating func rule() { rules.insert(rows.count) }

  /// The lines.
  package var text: String {
    let widths = self.widths
    let line = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(widths.count - 1, 0))
    var lines: [String] = []
    for (index, row) in rows.enumerated() {
      if rules.contains(index) { lines.append(line) }
      let cells = zip(widths, sides).enumerated().map { column, layout in
        let cell = (row.indices.contains(column) ? row[column] : "").shortened(to: layout.0)
        let space = String(repeating: " ", count: max(layout.0 - cell.count, 0))
        return layout.1 == .left ? cell + space : space + cell
      }
      lines.append(cells.joined(separator: "  ").trimmedRight)
    }
    return lines.joined(separator: "\n")
  }

  /// The width of each column; some give way where a line would be too long.
  private var widths: [Int] {
    var widths = sides.indices.map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    guard let columns else { return widths }
    var excess = widths.reduce(0, +) + 2 * max(widths.count - 1, 0) - columns
    for least in [24, 10, 6] {
      for column in shortened {
        let cut = max(min(excess, widths[column] - least), 0)
        widths[column] -= cut
        excess -= cut
      }
    }
    return widths
  }

  /// Names with values, a line each.
  ///
  /// - Parameter columns: the width that values are wrapped to between their words; nil for none.
  package static func pairs(_ pairs: [(String, String)], columns: Int? = nil) -> String {
    let width = pairs.map(\.0.count).max() ?? 0
    let indent = String(repeating: " ", count: width + 2)
    return pairs.map { name, value in
      let lead = name + String(repeating: " ", count: width - name.count + 2)
      guard let columns, TerminalText.width(value) + width + 2 > columns else {
        return (lead + value).trimmedRight
      }
      let lines = TerminalText.wrapped(value, columns: columns - width - 2)
      return (lead + lines.joined(separator: "\n" + indent)).trimmedRight
    }.joined(separator: "\n")
  }
}

extension String {
  /// The text, or its beginning and end with `…` between them where it is longer.
  package func shortened(to width: Int) -> String {
    guard count > width, width > 0 else { return self }
    let head = (width - 1) / 2
    return prefix(head) + "…" + suffix(width - 1 - head)
  }

  fileprivate var trimmedRight: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
