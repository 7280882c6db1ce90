/// Rows of text in aligned columns.
package struct TextTable {
  /// On which side a column's cells are flush.
  package enum Side: Sendable { case left, right }

  private var rows: [[String]]
  private let sides: [Side]
  private var rules: Set<Int> = [1]

  /// A table with a head.
  package init(_ columns: [(title: String, side: Side)]) {
    rows = [columns.map(\.title)]
    sides = columns.map(\.side)
  }

  /// Adds a row; missing cells are empty.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// Draws a line beneath what is there.
  package mutating func rule() { rules.insert(rows.count) }

  /// The lines.
  package var text: String {
    let widths = sides.indices.map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    let line = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(widths.count - 1, 0))
    var lines: [String] = []
    for (index, row) in rows.enumerated() {
      if rules.contains(index) { lines.append(line) }
      let cells = zip(widths, sides).enumerated().map { column, layout in
        let cell = row.indices.contains(column) ? row[column] : ""
        let space = String(repeating: " ", count: max(layout.0 - cell.count, 0))
        return layout.1 == .left ? cell + space : space + cell
      }
      lines.append(cells.joined(separator: "  ").trimmedRight)
    }
    return lines.joined(separator: "\n")
  }

  /// Names with values, a line each.
  package static func pairs(_ pairs: [(String, String)]) -> String {
    let width = pairs.map(\.0.count).max() ?? 0
    return pairs.map { name, value in
      (name + String(repeating: " ", count: width - name.count + 2) + value).trimmedRight
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmedRight: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
