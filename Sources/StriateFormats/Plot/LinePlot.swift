/// Curves over a common axis, drawn as SVG (`svg`) or as text for a terminal (`text`).
///
/// ```swift
/// var plot = LinePlot("Loss", x: "epoch", y: "loss")
/// plot.add("train", [(1, 0.9), (2, 0.5)])
/// plot.add("test", [(1, 0.8), (2, 0.6)], .marked)
/// let page = plot.svg()
/// ```
public struct LinePlot: Sendable {
  /// How a curve is drawn, so that curves differ also without colour.
  public enum Style: Sendable, Hashable {
    /// A line.
    case solid
    /// A line with a mark at each point.
    case marked
    /// A thin, pale line in the colour of the curve of the same name: what lies behind that one. The legend names it only
    /// where there are no others.
    case faint
  }

  /// A point of a curve.
  public struct Point: Sendable, Hashable {
    /// Along the common axis.
    public var x: Double
    /// The value; one that is not finite interrupts the curve.
    public var y: Double

    /// A point.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A curve.
  public struct Series: Sendable, Hashable {
    /// Its name in the legend.
    public var name: String
    /// Its points, x ascending.
    public var points: [Point]
    /// How it is drawn.
    public var style: Style
  }

  /// What stands above.
  public var title: String
  /// What the horizontal axis shows.
  public var xLabel: String
  /// What the vertical axis shows.
  public var yLabel: String
  /// Whether the vertical axis is logarithmic.
  public var isLog: Bool
  /// The curves; later ones lie above.
  public private(set) var series: [Series] = []

  /// A plot without curves.
  public init(_ title: String, x xLabel: String, y yLabel: String, isLog: Bool = false) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.isLog = isLog
  }

  /// Adds a curve; one without points is left out.
  public mutating func add(
    _ name: String, _ points: [(x: Double, y: Double)], _ style: Style = .solid
  ) {
    let points = points.filter { $0.x.isFinite }.map { Point(x: $0.x, y: $0.y) }
    if !points.isEmpty { series.append(Series(name: name, points: points, style: style)) }
  }

  /// Whether there is nothing to draw.
  public var isEmpty: Bool { !series.contains { $0.points.contains { $0.y.isFinite } } }

  /// The horizontal axis.
  func xAxis(count: Int) -> Axis {
    let numbers = series.flatMap { $0.points.map(\.x) }
    return Axis(numbers, count: count, isWhole: true)
  }

  /// The vertical axis.
  func yAxis(count: Int) -> Axis {
    Axis(series.flatMap { $0.points.map(\.y) }, count: count, isLog: isLog)
  }
}
