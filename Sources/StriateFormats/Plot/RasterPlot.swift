import StriateCore

/// When something happened, a row a repetition: the raster in which spikes are shown.
public struct RasterPlot: Sendable {
  /// Repetitions under one name.
  public struct Group: Sendable {
    /// What stands beside the rows.
    public var name: String
    /// The times of each repetition.
    public var rows: [[Double]]

    /// Repetitions under a name.
    public init(_ name: String, rows: [[Double]]) {
      self.name = name
      self.rows = rows
    }
  }

  /// What stands above it.
  public var title: String
  /// The groups from top to bottom.
  public var groups: [Group]
  /// The time at the right edge; the left one is at 0.
  public var duration: Double
  /// What time is counted in.
  public var unit: String

  /// A raster.
  public init(_ title: String, groups: [Group], duration: Double, unit: String) {
    self.title = title
    self.groups = groups
    self.duration = max(duration, 1e-9)
    self.unit = unit
  }

  /// The plot as an SVG element: scalable, light or dark as the reader's system is.
  public func svg(width: Int = 480) -> String {
    let (left, top, row, gap) = (64.0, 28.0, 5.0, 8.0)
    let span = Double(max(width, 160)) - left - 12
    let rows = groups.reduce(0) { $0 + $1.rows.count }
    let height = top + Double(rows) * row + Double(groups.count) * gap + 24
    let name = Markup.escaped(title)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(max(width, 160)) \(Markup.number(height))\" "
        + "class=\"raster\" role=\"img\" aria-label=\"\(name)\">", "<title>\(name)</title>",
      "<style>\(Self.style)</style>", "<text x=\"8\" y=\"16\" class=\"t\">\(name)</text>",
    ]
    var y = top
    for group in groups {
      let middle = y + Double(group.rows.count) * row / 2 + 4
      lines.append(
        "<text x=\"\(Markup.number(left - 8))\" y=\"\(Markup.number(middle))\" class=\"n\">"
          + "\(Markup.escaped(group.name))</text>")
      var marks = ""
      for times in group.rows {
        for time in times where time >= 0 && time <= duration {
          marks += "M\(Markup.number(left + span * time / duration)) \(Markup.number(y))v4"
        }
        y += row
      }
      if !marks.isEmpty { lines.append("<path d=\"\(marks)\" class=\"c\"/>") }
      y += gap
    }
    lines.append(
      "<path d=\"M\(Markup.number(left)) \(Markup.number(y))h\(Markup.number(span))\" class=\"g\"/>"
    )
    lines.append(
      "<text x=\"\(Markup.number(left + span))\" y=\"\(Markup.number(y + 16))\" class=\"n\">"
        + "\(Markup.number(duration)) \(Markup.escaped(unit))</text>")
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static let style =
    ".raster{font:12px system-ui,sans-serif;color:#1b1b1b}.raster text{fill:currentColor}"
    + ".raster .t{font-weight:600;font-size:14px}.raster .n{opacity:.7;text-anchor:end}"
    + ".raster .g{stroke:currentColor;stroke-opacity:.3;fill:none}"
    + ".raster .c{stroke:#0072b2;stroke-width:1.2;fill:none}"
    + "@media(prefers-color-scheme:dark){.raster{color:#e8e8e8}.raster .c{stroke:#56b4e9}}"
}
