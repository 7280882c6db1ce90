import StriateCore

/// Values side by side as horizontal bars, each with a second, pale one where there is something to compare it with.
public struct BarPlot: Sendable {
  /// A bar.
  struct Bar: Sendable {
    var name: String
    var value: Double
    var other: Double?
  }

  /// What stands above it.
  public var title: String
  /// What values are counted in.
  public var unit: String
  private var bars: [Bar] = []

  /// A plot without bars.
  public init(_ title: String, unit: String = "") {
    self.title = title
    self.unit = unit
  }

  /// Adds a bar below the others; a value that is no number, or below zero, is drawn as nothing.
  public mutating func add(_ name: String, _ value: Double, beside other: Double? = nil) {
    bars.append(Bar(name: name, value: value, other: other))
  }

  /// The plot as an SVG element: scalable, light or dark as the reader's system is.
  public func svg(width: Int = 640) -> String {
    let wide = Double(max(width, 240))
    // As long as the longest name, up to half of the plot.
    let longest = Double(bars.map(\.name.count).max() ?? 0)
    let (left, top, step) = (min(16 + 6.8 * longest, wide / 2), 28.0, 26.0)
    let span = wide - left - (bars.contains { $0.other != nil } ? 104 : 64)
    let numbers = bars.flatMap { [$0.value, $0.other ?? 0] }.filter { $0.isFinite && $0 > 0 }
    let most = max(numbers.max() ?? 0, 1e-12)
    let height = top + Double(bars.count) * step + 8
    let name = Markup.escaped(title)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Markup.number(wide)) \(Markup.number(height))\" "
        + "class=\"bars\" role=\"img\" aria-label=\"\(name)\">", "<title>\(name)</title>",
      "<style>\(Self.style)</style>", "<text x=\"8\" y=\"16\" class=\"t\">\(name)</text>",
    ]
    func length(_ value: Double) -> Double {
      value.isFinite && value > 0 ? span * value / most : 0
    }
    for (place, bar) in bars.enumerated() {
      let y = top + Double(place) * step
      func box(_ value: Double, _ y: Double, _ height: Double, _ style: String) {
        lines.append(
          "<rect x=\"\(Markup.number(left))\" y=\"\(Markup.number(y))\" width=\"\(Markup.number(length(value)))\" "
            + "height=\"\(Markup.number(height))\" class=\"\(style)\"/>")
      }
      box(bar.value, y + 2, bar.other == nil ? 16 : 9, "c")
      if let other = bar.other { box(other, y + 12, 7, "o") }
      lines.append(
        "<text x=\"\(Markup.number(left - 8))\" y=\"\(Markup.number(y + 15))\" class=\"n\">"
          + "\(Markup.escaped(bar.name))</text>")
      let value = bar.value.isFinite ? Numbers.fixed(bar.value, 2) : "–"
      // Behind the longer of the two bars.
      let end = max(length(bar.value), length(bar.other ?? 0))
      let beside = bar.other.map { " (\(Numbers.fixed($0, 2)))" } ?? ""
      lines.append(
        "<text x=\"\(Markup.number(left + end + 6))\" y=\"\(Markup.number(y + 13))\">\(value)\(beside)</text>"
      )
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static let style =
    ".bars{font:12px system-ui,sans-serif;color:#1b1b1b}.bars text{fill:currentColor}"
    + ".bars .t{font-weight:600;font-size:14px}.bars .n{text-anchor:end}"
    + ".bars .c{fill:#0072b2}.bars .o{fill:#0072b2;fill-opacity:.35}"
    + "@media(prefers-color-scheme:dark){.bars{color:#e8e8e8}.bars .c{fill:#56b4e9}.bars .o{fill:#56b4e9}}"
}
