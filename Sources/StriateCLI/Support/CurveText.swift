import Striate

/// The learning curves of a run for a terminal: loss and what else is measured side by side, or one beneath the other
/// where there is little room; never wider than 80 columns.
struct CurveText {
  let curves: RunCurves
  let style: TerminalStyle

  init(_ curves: RunCurves, style: TerminalStyle) {
    self.curves = curves
    self.style = style
  }

  /// The curves; empty where there are fewer than two epochs.
  var text: String {
    guard curves.epochs > 1 else { return "" }
    let width = min(style.columns, 80)
    let gap = 2
    let isWide = width >= 64
    let each = isWide ? (width - gap) / 2 : width
    let plots = [curves.loss, curves.measure].compactMap { $0 }.map {
      $0.lines(width: each, height: 8, style: style)
    }
    guard isWide else { return plots.joined().joined(separator: "\n") }
    return (0..<(plots.map(\.count).max() ?? 0)).map { row in
      plots.map { lines in
        TerminalText.padded(lines.indices.contains(row) ? lines[row] : "", columns: each)
      }.joined(separator: String(repeating: " ", count: gap))
    }.joined(separator: "\n")
  }
}
