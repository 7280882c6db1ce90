import StriateCore

extension LinePlot {
  /// The plot as lines of text, none wider than `width`.
  ///
  /// Lines are drawn in Braille dots, the points of marked curves as `●` above them, so that both differ
  /// without colour; where only ASCII can be shown, `.` and `o`.
  public func lines(width: Int, height: Int, style: TerminalStyle) -> [String] {
    TextPlot(self, width: max(width, 16), height: max(height, 3), style: style).lines
      .map { TerminalText.fitted($0, columns: width) }
  }
}

/// A line plot on its way to text.
private struct TextPlot {
  /// What stands in a cell: Braille dots of the uppermost curve that has any, or a mark.
  private struct Cell {
    var dots: UInt8 = 0
    var isMark = false
    var series = 0
  }

  private let plot: LinePlot
  private let style: TerminalStyle
  private let x, y: Axis
  private let labelWidth, columns, rows: Int
  private var cells: [Cell]

  init(_ plot: LinePlot, width: Int, height: Int, style: TerminalStyle) {
    self.plot = plot
    self.style = style
    x = plot.xAxis(count: max(width / 12, 2))
    y = plot.yAxis(count: max(height / 2, 2))
    labelWidth = y.labels.map(\.count).max() ?? 1
    columns = max(width - labelWidth - 2, 4)
    rows = height
    cells = Array(repeating: Cell(), count: columns * rows)
    for (index, series) in plot.series.enumerated() { draw(series, index) }
  }

  var lines: [String] {
    guard !plot.isEmpty else { return [plot.title + ": nothing to show yet"] }
    let (bar, corner, rule) = style.isUnicode ? ("│", "└", "─") : ("|", "+", "-")
    var lines = [String(repeating: " ", count: labelWidth + 2) + plot.title + legend]
    var labels = [String](repeating: "", count: rows)
    for (tick, label) in zip(y.ticks, y.labels) {
      guard let row = place(y, tick, rows, from: rows - 1) else { continue }
      labels[row] = label
    }
    for row in 0..<rows {
      let label = TerminalText.padded(labels[row], columns: labelWidth, isRight: true)
      lines.append("\(label) \(bar)\(content(row))")
    }
    let space = String(repeating: " ", count: labelWidth + 1)
    lines.append(space + corner + String(repeating: rule, count: columns))
    lines.append(space + " " + numbers)
    return lines
  }

  private var legend: String {
    guard plot.series.count > 1 else { return "" }
    return plot.series.enumerated().map { index, series in
      "  " + style.paint(mark(isMark: series.style == .marked) + " " + series.name, ink(index))
    }.joined()
  }

  private func mark(isMark: Bool) -> String {
    style.isUnicode ? (isMark ? "●" : "⠤⠤") : (isMark ? "o" : "..")
  }

  private func ink(_ series: Int) -> TerminalStyle.Ink {
    [.accent, .notice, .good, .bad][series % 4]
  }

  /// The marks of the horizontal axis, the last one and its name at the right.
  private var numbers: String {
    var text = [Character](repeating: " ", count: columns)
    let name = " " + plot.xLabel
    var free = 0
    for (tick, label) in zip(x.ticks, x.labels) {
      guard let at = place(x, tick, columns, from: nil) else { continue }
      let start = min(max(at - label.count / 2, 0), columns - label.count)
      guard start >= free, start >= 0, start + label.count <= columns - name.count else { continue }
      for (offset, digit) in label.enumerated() { text[start + offset] = digit }
      free = start + label.count + 1
    }
    return String(text.prefix(max(columns - name.count, 0))) + name
  }

  // MARK: Cells

  /// A row, neighbours of one curve painted together.
  private func content(_ row: Int) -> String {
    let row = cells[(row * columns)..<((row + 1) * columns)]
    var text = ""
    var start = row.startIndex
    while start < row.endIndex {
      let series = row[start].series
      let end = row[start...].firstIndex { $0.series != series } ?? row.endIndex
      let part = row[start..<end].map(character).joined()
      text += part.allSatisfy { $0 == " " } ? part : style.paint(part, ink(series))
      start = end
    }
    return text
  }

  private func character(_ cell: Cell) -> String {
    if cell.isMark { return style.isUnicode ? "●" : "o" }
    guard cell.dots != 0 else { return " " }
    guard style.isUnicode, let scalar = Unicode.Scalar(0x2800 + UInt32(cell.dots)) else {
      return "."
    }
    return String(Character(scalar))
  }

  private mutating func draw(_ series: LinePlot.Series, _ index: Int) {
    var before: (Int, Int)?
    for point in series.points {
      guard let column = place(x, point.x, columns * 2, from: nil),
        let row = place(y, point.y, rows * 4, from: rows * 4 - 1)
      else {
        before = nil
        continue
      }
      if series.style == .marked {
        cells[row / 4 * columns + column / 2] = Cell(isMark: true, series: index)
      } else {
        line(from: before ?? (column, row), to: (column, row), index)
      }
      before = (column, row)
    }
  }

  /// Dots from one point to another, as many as the longer side has.
  private mutating func line(from a: (Int, Int), to b: (Int, Int), _ series: Int) {
    let steps = max(abs(b.0 - a.0), abs(b.1 - a.1), 1)
    // Braille numbers its dots down the left column, then the right, the bottom row last.
    let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    for step in 0...steps {
      let column = a.0 + (b.0 - a.0) * step / steps
      let row = a.1 + (b.1 - a.1) * step / steps
      let place = row / 4 * columns + column / 2
      if cells[place].isMark { continue }
      cells[place].dots |= bits[column % 2][row % 4]
      cells[place].series = series
    }
  }

  /// The cell of a number among `count`, counted down from `end` where it is given.
  private func place(_ axis: Axis, _ number: Double, _ count: Int, from end: Int?) -> Int? {
    guard let share = axis.place(number) else { return nil }
    let cell = min(Int((share * Double(count - 1)).rounded()), count - 1)
    return end.map { $0 - cell } ?? cell
  }
}
