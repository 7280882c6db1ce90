import StriateCore

/// Numbered points over two axes.
///
/// ```swift
/// var plot = ScatterPlot("Accuracy against weights", x: "weights", y: "accuracy, %", isLog: true)
/// plot.add("ResNet-20", x: 269_434, y: 92.5)
/// ```
public struct ScatterPlot: Sendable {
  private struct Mark: Sendable {
    var name: String
    var x: Double
    var y: Double
  }

  /// What stands above it.
  public var title: String
  /// What the horizontal axis shows.
  public var xLabel: String
  /// What the vertical axis shows.
  public var yLabel: String
  /// Whether the horizontal axis is logarithmic.
  public var isLog: Bool
  private var marks: [Mark] = []

  /// A plot without points.
  public init(_ title: String, x xLabel: String, y yLabel: String, isLog: Bool = false) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.isLog = isLog
  }

  /// Adds a point, which has the next number; one that has no place is not drawn.
  public mutating func add(_ name: String, x: Double, y: Double) {
    marks.append(Mark(name: name, x: x, y: y))
  }

  /// The plot as an SVG element: scalable, light or dark as the reader's system is, names as tool tips.
  public func svg(width: Int = 480, height: Int = 320) -> String {
    let (wide, high) = (Double(max(width, 160)), Double(max(height, 120)))
    let xAxis = Axis(marks.map(\.x), count: max(width / 90, 2), isLog: isLog)
    let yAxis = Axis(marks.map(\.y), count: max(height / 60, 2))
    let (left, top, right, bottom) = (
      34 + 7 * Double(yAxis.labels.map(\.count).max() ?? 1), 34.0, 16.0, 44.0
    )
    func px(_ share: Double) -> Double { left + share * (wide - left - right) }
    func py(_ share: Double) -> Double { high - bottom - share * (high - top - bottom) }
    func number(_ value: Double) -> String { Markup.number(value) }
    func text(_ x: Double, _ y: Double, _ text: String, _ style: String) -> String {
      "<text x=\"\(number(x))\" y=\"\(number(y))\" class=\"\(style)\">\(Markup.escaped(text))</text>"
    }
    let name = Markup.escaped(title)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(wide)) \(number(high))\" "
        + "class=\"scatter\" role=\"img\" aria-label=\"\(name)\">", "<title>\(name)</title>",
      "<style>\(Self.style)</style>", text(left, 18, title, "t"),
    ]
    for (tick, label) in zip(yAxis.ticks, yAxis.labels) {
      guard let y = yAxis.place(tick).map(py) else { continue }
      lines.append(
        "<path d=\"M\(number(left)) \(number(y))H\(number(wide - right))\" class=\"g\"/>")
      lines.append(text(left - 6, y + 4, label, "e"))
    }
    for (tick, label) in zip(xAxis.ticks, xAxis.labels) {
      guard let x = xAxis.place(tick).map(px) else { continue }
      lines.append(
        "<path d=\"M\(number(x)) \(number(high - bottom))v4\" class=\"a\"/>")
      lines.append(text(x, high - bottom + 17, label, "m"))
    }
    lines.append(
      "<path d=\"M\(number(left)) \(number(top))V\(number(high - bottom))H\(number(wide - right))\" class=\"a\"/>"
    )
    lines.append(text((left + wide - right) / 2, high - 8, xLabel + (isLog ? ", log" : ""), "m"))
    lines.append(
      "<text class=\"m\" transform=\"translate(14 \(number((top + high - bottom) / 2))) rotate(-90)\">"
        + "\(Markup.escaped(yLabel))</text>")
    let shown = marks.enumerated().compactMap { index, mark -> (Int, FreePlaces.Place)? in
      guard let x = xAxis.place(mark.x), let y = yAxis.place(mark.y) else { return nil }
      return (index, FreePlaces.Place(x: px(x), y: py(y)))
    }
    let places = FreePlaces(
      radius: Self.radius, x: left...max(left, wide - right), y: top...max(top, high - bottom))
    for ((index, point), centre) in zip(shown, places.centres(of: shown.map(\.1))) {
      var drawn = "<g><title>\(Markup.escaped("\(index + 1) \(marks[index].name)"))</title>"
      if centre != point {
        drawn +=
          "<path d=\"M\(number(point.x)) \(number(point.y))L\(number(centre.x)) \(number(centre.y))\" class=\"a\"/>"
          + "<circle cx=\"\(number(point.x))\" cy=\"\(number(point.y))\" r=\"2\" class=\"d\"/>"
      }
      drawn +=
        "<circle cx=\"\(number(centre.x))\" cy=\"\(number(centre.y))\" r=\"\(number(Self.radius))\"/>"
        + text(centre.x, centre.y + 4, "\(index + 1)", "i") + "</g>"
      lines.append(drawn)
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// The radius of a numbered mark.
  private static let radius = 9.0

  private static let style =
    ".scatter{font:12px system-ui,sans-serif;color:#1b1b1b}.scatter text{fill:currentColor}"
    + ".scatter .t{font-weight:600;font-size:14px}.scatter .e{text-anchor:end;opacity:.7}"
    + ".scatter .m{text-anchor:middle;opacity:.7}.scatter .i{text-anchor:middle;font-size:11px}"
    + ".scatter .g{stroke:currentColor;stroke-opacity:.15}.scatter .a{stroke:currentColor;fill:none}"
    + ".scatter circle{fill:#56b4e9;stroke:#0072b2}"
    + ".scatter .d{fill:currentColor;stroke:none}"
    + "@media(prefers-color-scheme:dark){.scatter{color:#e8e8e8}"
    + ".scatter circle{fill:#0072b2;stroke:#56b4e9}}"
}
