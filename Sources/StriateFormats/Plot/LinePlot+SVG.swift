import StriateCore

extension LinePlot {
  /// The plot as an SVG element: scalable, light or dark as the reader's system is, with a legend and the
  /// numbers of marked points as tool tips.
  public func svg(width: Int = 640, height: Int = 320) -> String {
    SVGPlot(self, width: max(width, 160), height: max(height, 120)).text
  }
}

/// A line plot on its way to SVG.
private struct SVGPlot {
  private let plot: LinePlot
  private let width, height: Double
  private let x, y: Axis
  private let left, top: Double
  private let entries: [LegendEntry]
  private let names: [String]
  private let bottom = 44.0
  private let right = 16.0

  init(_ plot: LinePlot, width: Int, height: Int) {
    self.plot = plot
    (self.width, self.height) = (Double(width), Double(height))
    x = plot.xAxis(count: max(width / 90, 2))
    y = plot.yAxis(count: max(height / 60, 2))
    let left = 34 + 7 * Double(y.labels.map(\.count).max() ?? 1)
    var names: [String] = []
    for series in plot.series.filter({ $0.style != .faint }) + plot.series
    where !names.contains(series.name) { names.append(series.name) }
    self.names = names
    entries = Self.entries(plot, from: left, to: self.width - right)
    self.left = left
    top = 44 + Self.rowHeight * Double(entries.last?.row ?? 0)
  }

  /// A curve's name and where it stands above the plot.
  private struct LegendEntry {
    var series: LinePlot.Series
    var x: Double
    var row: Int
  }

  private static let rowHeight = 18.0

  /// The names of the curves in as many rows as they need; pale ones have their colour from the curve of their name.
  private static func entries(_ plot: LinePlot, from left: Double, to right: Double)
    -> [LegendEntry]
  {
    let clear = plot.series.filter { $0.style != .faint }
    let named = clear.isEmpty ? plot.series : clear
    guard named.count > 1 else { return [] }
    var entries: [LegendEntry] = []
    var (x, row) = (left, 0)
    for series in named {
      let width = 44 + 6.5 * Double(series.name.count)
      if x > left, x + width - 20 > right { (x, row) = (left, row + 1) }
      entries.append(LegendEntry(series: series, x: x, row: row))
      x += width
    }
    return entries
  }

  /// The colour of a curve: curves of one name have one.
  private func color(_ series: LinePlot.Series) -> String {
    "s\((names.firstIndex(of: series.name) ?? 0) % 5)"
  }

  var text: String {
    let title = Markup.escaped(plot.title)
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
      + "class=\"plot\" role=\"img\" aria-label=\"\(title)\">"
    var lines = [head, "<title>\(title)</title>", "<style>\(Self.style)</style>"]
    lines.append(label(left, 18, title, "t"))
    if plot.isEmpty {
      lines.append(label(left, height / 2, "nothing to show yet", "n"))
    } else {
      lines += grid + curves + legend
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// Colours that colour-blind readers tell apart (Okabe and Ito, 2008), lighter ones on dark ground.
  private static let style =
    ".plot{font:12px system-ui,sans-serif;color:#1b1b1b}.plot text{fill:currentColor}"
    + ".plot .t{font-weight:600;font-size:14px}.plot .n{opacity:.7}"
    + ".plot .g{stroke:currentColor;stroke-opacity:.15}.plot .a{stroke:currentColor}"
    + ".plot .c{fill:none;stroke-width:2;stroke-linejoin:round}.plot .f{stroke-width:1;opacity:.5}"
    + ".plot .s0{--c:#0072b2}.plot .s1{--c:#d55e00}.plot .s2{--c:#009e73}.plot .s3{--c:#cc79a7}"
    + ".plot .s4{--c:#a07400}.plot .c{stroke:var(--c)}.plot .m{fill:var(--c)}"
    + "@media(prefers-color-scheme:dark){.plot{color:#e8e8e8}.plot .s0{--c:#56b4e9}"
    + ".plot .s1{--c:#ff9d57}.plot .s2{--c:#4fd1a5}.plot .s3{--c:#eba5cf}.plot .s4{--c:#f0c04a}}"

  // MARK: Parts

  private var grid: [String] {
    var lines: [String] = []
    for (tick, text) in zip(y.ticks, y.labels) {
      guard let place = placeY(tick) else { continue }
      lines.append(line(left, place, width - right, place, "g"))
      lines.append(label(left - 6, place + 4, text, "n", anchor: "end"))
    }
    for (tick, text) in zip(x.ticks, x.labels) {
      guard let place = placeX(tick) else { continue }
      lines.append(line(place, height - bottom, place, height - bottom + 4, "a"))
      lines.append(label(place, height - bottom + 17, text, "n", anchor: "middle"))
    }
    lines.append(line(left, height - bottom, width - right, height - bottom, "a"))
    lines.append(line(left, top, left, height - bottom, "a"))
    lines.append(
      label(
        (left + width - right) / 2, height - 8, Markup.escaped(plot.xLabel), "n", anchor: "middle"))
    let middle = number((top + height - bottom) / 2)
    lines.append(
      "<text class=\"n\" text-anchor=\"middle\" transform=\"translate(14 \(middle)) rotate(-90)\">"
        + "\(Markup.escaped(plot.yLabel + (y.isLog ? ", log" : "")))</text>")
    return lines
  }

  private var curves: [String] {
    plot.series.flatMap { series -> [String] in
      let color = color(series)
      let points = thinned(series.points)
      let faint = series.style == .faint ? " f" : ""
      var lines = ["<path class=\"c \(color)\(faint)\" d=\"\(path(points))\"/>"]
      guard series.style == .marked, points.count <= 200 else { return lines }
      for point in points {
        guard let x = placeX(point.x), let y = placeY(point.y) else { continue }
        let tip =
          "\(plot.xLabel) \(Numbers.plain(point.x)): \(series.name) \(Numbers.plain(point.y))"
        lines.append(
          "<circle class=\"m \(color)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3\">"
            + "<title>\(Markup.escaped(tip))</title></circle>")
      }
      return lines
    }
  }

  private var legend: [String] {
    entries.flatMap { entry -> [String] in
      let (x, y) = (entry.x, 32 + Self.rowHeight * Double(entry.row))
      let color = color(entry.series)
      let faint = entry.series.style == .faint ? " f" : ""
      var lines = ["<path class=\"c \(color)\(faint)\" d=\"M\(number(x)) \(number(y))h18\"/>"]
      if entry.series.style == .marked {
        lines.append(
          "<circle class=\"m \(color)\" cx=\"\(number(x + 9))\" cy=\"\(number(y))\" r=\"3\"/>")
      }
      lines.append(label(x + 24, y + 4, Markup.escaped(entry.series.name), "n"))
      return lines
    }
  }

  // MARK: Geometry

  private func placeX(_ value: Double) -> Double? {
    x.place(value).map { left + $0 * (width - right - left) }
  }

  private func placeY(_ value: Double) -> Double? {
    y.place(value).map { height - bottom - $0 * (height - bottom - top) }
  }

  private func path(_ points: [LinePlot.Point]) -> String {
    var text = ""
    var isDown = false
    for point in points {
      guard let x = placeX(point.x), let y = placeY(point.y) else {
        isDown = false
        continue
      }
      text += "\(isDown ? "L" : "M")\(number(x)) \(number(y))"
      isDown = true
    }
    return text
  }

  /// Of many points the least and the greatest in each of some hundred columns: the same line, shorter.
  private func thinned(_ points: [LinePlot.Point]) -> [LinePlot.Point] {
    let columns = Int(width)
    guard points.count > 4 * columns else { return points }
    var result: [LinePlot.Point] = []
    for column in 0..<columns {
      let part = points[(column * points.count / columns)..<((column + 1) * points.count / columns)]
      let finite = part.filter(\.y.isFinite)
      guard let low = finite.min(by: { $0.y < $1.y }), let high = finite.max(by: { $0.y < $1.y })
      else { continue }
      result += low.x <= high.x ? [low, high] : [high, low]
    }
    return result
  }

  private func line(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ kind: String) -> String {
    "<line class=\"\(kind)\" x1=\"\(number(a))\" y1=\"\(number(b))\" x2=\"\(number(c))\" "
      + "y2=\"\(number(d))\"/>"
  }

  private func label(
    _ x: Double, _ y: Double, _ text: String, _ kind: String, anchor: String = "start"
  ) -> String {
    "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">"
      + "\(text)</text>"
  }

  private func number(_ value: Double) -> String { Markup.number(value) }
}
