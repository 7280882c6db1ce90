#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Values around a circle, as answers to directions: a closed line whose distance from the middle is the value.
public struct PolarPlot: Sendable {
  /// What stands above it.
  public var title: String
  /// The values, evenly apart from the right on, counterclockwise; those below zero are drawn in the middle.
  public var values: [Double]
  /// An angle that is marked, in radians; nil for none.
  public var mark: Double?

  /// A plot of values around a circle.
  public init(_ title: String, values: [Double], mark: Double? = nil) {
    self.title = title
    self.values = values
    self.mark = mark
  }

  /// The plot as an SVG element: scalable, light or dark as the reader's system is.
  public func svg(side: Int = 320) -> String {
    let size = Double(max(side, 120))
    let (middle, radius) = (size / 2, size / 2 - 40)
    let most = values.max() ?? 0
    func point(_ angle: Double, _ share: Double) -> String {
      "\(Markup.number(middle + radius * share * cos(angle))) "
        + Markup.number(middle + 12 - radius * share * sin(angle))
    }
    let name = Markup.escaped(title)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Markup.number(size)) \(Markup.number(size))\" "
        + "class=\"polar\" role=\"img\" aria-label=\"\(name)\">", "<title>\(name)</title>",
      "<style>\(Self.style)</style>", "<text x=\"8\" y=\"16\" class=\"t\">\(name)</text>",
    ]
    for ring in [0.5, 1.0] {
      lines.append(
        "<circle cx=\"\(Markup.number(middle))\" cy=\"\(Markup.number(middle + 12))\" "
          + "r=\"\(Markup.number(radius * ring))\" class=\"g\"/>")
    }
    for step in 0..<4 {
      let angle = Double(step) * .pi / 2
      lines.append("<path d=\"M\(point(angle, 0)) L\(point(angle, 1))\" class=\"g\"/>")
      let place = point(angle, 1.14).split(separator: " ")
      lines.append(
        "<text x=\"\(place[0])\" y=\"\(place[1])\" class=\"n\">\(step * 90)°</text>")
    }
    if most > 0 {
      let points = values.enumerated().map { index, value in
        point(2 * .pi * Double(index) / Double(values.count), max(value, 0) / most)
      }
      lines.append("<path d=\"M\(points.joined(separator: " L")) Z\" class=\"c\"/>")
      if let mark {
        lines.append("<path d=\"M\(point(mark, 0)) L\(point(mark, 1))\" class=\"m\"/>")
      }
    } else {
      lines.append(
        "<text x=\"\(Markup.number(middle))\" y=\"\(Markup.number(middle))\" class=\"n\">no answer</text>"
      )
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static let style =
    ".polar{font:12px system-ui,sans-serif;color:#1b1b1b}.polar text{fill:currentColor}"
    + ".polar .t{font-weight:600;font-size:14px}.polar .n{opacity:.7;text-anchor:middle}"
    + ".polar .g{fill:none;stroke:currentColor;stroke-opacity:.15}"
    + ".polar .c{fill:#0072b2;fill-opacity:.2;stroke:#0072b2;stroke-width:2;stroke-linejoin:round}"
    + ".polar .m{stroke:#d55e00;stroke-width:2}"
    + "@media(prefers-color-scheme:dark){.polar{color:#e8e8e8}.polar .c{fill:#56b4e9;stroke:#56b4e9}"
    + ".polar .m{stroke:#ff9d57}}"
}
