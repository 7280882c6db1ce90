import StriateFormats
import Testing

@Suite struct PlotTests {
  struct Case: Sendable, CustomStringConvertible {
    var numbers: [Double]
    var isLog = false
    var ticks: [Double]
    var labels: [String]
    var description: String { "\(numbers)\(isLog ? ", log" : "")" }
  }

  static let cases: [Case] = [
    Case(numbers: [0, 10], ticks: [0, 2, 4, 6, 8, 10], labels: ["0", "2", "4", "6", "8", "10"]),
    Case(
      numbers: [0.31, 0.87], ticks: [0.2, 0.4, 0.6, 0.8, 1],
      labels: ["0.2", "0.4", "0.6", "0.8", "1.0"]),
    Case(
      numbers: [5, 5], ticks: [2, 3, 4, 5, 6, 7, 8], labels: ["2", "3", "4", "5", "6", "7", "8"]),
    Case(
      numbers: [.nan, .infinity], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
      labels: ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    Case(numbers: [-3, 4], ticks: [-4, -2, 0, 2, 4], labels: ["-4", "-2", "0", "2", "4"]),
    Case(
      numbers: [0, 0.004], ticks: [0, 0.001, 0.002, 0.003, 0.004],
      labels: ["0.000", "0.001", "0.002", "0.003", "0.004"]),
    Case(
      numbers: [0.001, 1000], isLog: true, ticks: [0.001, 0.01, 0.1, 1, 10, 100, 1000],
      labels: ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]),
    Case(
      numbers: [0.2, 0.9, -1], isLog: true, ticks: [0.1, 0.2, 0.5, 1],
      labels: ["0.1", "0.2", "0.5", "1"]),
  ]

  @Test(arguments: cases) func axesHaveRoundMarks(_ row: Case) {
    let axis = Axis(row.numbers, isLog: row.isLog)
    #expect(axis.ticks.count == row.ticks.count)
    for (a, b) in zip(axis.ticks, row.ticks) { #expect(abs(a - b) <= 1e-9 * max(abs(b), 1e-3)) }
    #expect(axis.labels == row.labels)
    for number in row.numbers where number.isFinite && (!row.isLog || number > 0) {
      #expect(axis.place(number).map { (0...1).contains($0) } == true)
    }
  }

  @Test func everyRangeHasAnAxis() {
    let sizes = [0, 1e-300, 1e-30, 1e-9, 1, 3.7e5, 1e12, 1e30, 1e299, .infinity, .nan]
    for a in sizes {
      for b in sizes {
        for (low, high) in [(a, b), (-a, b), (a, -b)] {
          for isLog in [false, true] {
            let axis = Axis([low, high], isLog: isLog)
            #expect(axis.low < axis.high && axis.ticks.count < 200)
            #expect(axis.ticks.count == axis.labels.count)
          }
        }
      }
    }
  }

  private var plot: LinePlot {
    var plot = LinePlot("Loss <&>", x: "epoch", y: "\"loss\"")
    plot.add("train", [(1, 3), (2, .nan), (3, 1), (4, 0.5)])
    plot.add("test's", [(1, 2), (2, 1.5), (3, 1.4)], .marked)
    plot.add("none", [])
    return plot
  }

  @Test func drawsCurvesOnlyWhereThereAreNumbers() {
    let svg = plot.svg()
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("Loss &lt;&amp;&gt;") && !svg.contains("Loss <"))
    #expect(svg.contains("test&#39;s") && svg.contains("&quot;loss&quot;"))
    // Two legend marks and two curves; the gap in the first makes a second piece of it.
    let paths = svg.matches(of: /<path class="c s0" d="([^"]*)"/).map { String($0.1) }
    #expect(paths.first?.filter { $0 == "M" }.count == 2)
    #expect(svg.matches(of: /<circle class="m s1"[^>]*><title>/).count == 3)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    for (open, close) in [("<text", "</text>"), ("<circle", "</circle>"), ("<title>", "</title>")] {
      #expect(svg.split(separator: open).count >= svg.split(separator: close).count)
    }
    #expect(LinePlot("t", x: "x", y: "y").svg().contains("nothing to show yet"))
  }

  /// A legend that is too long goes on below; a pale curve has the colour of its name and no name of its own.
  @Test func legendsStayInside() throws {
    var plot = LinePlot("t", x: "x", y: "y")
    for place in 0..<9 {
      plot.add("a curve of number \(place)", [(0, 1), (1, Double(place))])
      plot.add("a curve of number \(place)", [(0, 1), (1, 2)], .faint)
    }
    let svg = plot.svg(width: 480)
    let names = svg.matches(of: /x="([\d.]+)" y="([\d.]+)" text-anchor="start">(a curve [^<]*)</)
    #expect(names.count == 9)
    for name in names {
      let end = try #require(Double(name.1)) + 6.5 * Double(name.3.count)
      #expect(end <= 480, "\(name.3)")
    }
    #expect(Set(names.map { $0.2 }).count == 5)
    for color in 0..<5 {
      func count(_ style: String) -> Int {
        svg.split(separator: "class=\"c s\(color)\(style)\" d=").count - 1
      }
      #expect(count(" f") * 2 == count(""))
    }
  }

  @Test func longCurvesAreThinnedToTheSameEnvelope() throws {
    var plot = LinePlot("long", x: "x", y: "y")
    let points = (0..<50_000).map { (index: Int) -> (x: Double, y: Double) in
      (Double(index), index == 31_234 ? 9 : Double(index % 7) / 7)
    }
    plot.add("s", points)
    let svg = plot.svg()
    #expect(svg.utf8.count < 40_000)
    // The one peak survives: it touches the place of 9 on an axis from 0 to 10, 232 high, 44 from the top.
    #expect(svg.contains(" 67.2"))
  }

  @Test func markupIsEscaped() {
    #expect(
      Markup.escaped("<a href='x'>&\"\u{1}\u{85}")
        == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}\u{FFFD}")
  }

  /// A mark a spike where its time is, a row a repetition; what is beyond the end is not drawn.
  @Test func rastersHaveAMarkASpike() {
    let plot = RasterPlot(
      "a < b",
      groups: [.init("0°", rows: [[0, 5], [10, 10.5]]), .init("90°", rows: [[], [.nan, -1]])],
      duration: 10, unit: "pictures")
    let svg = plot.svg(width: 476)
    #expect(svg.split(separator: "v4", omittingEmptySubsequences: false).count == 4)
    #expect(svg.contains("d=\"M64 28v4M264 28v4M464 33v4\""))
    #expect(svg.contains("a &lt; b") && !svg.contains("nan"))
  }

  /// Points that lie on each other have marks beside each other, tied to where they are; those apart stay at their points.
  @Test func marksOfPointsDoNotOverlap() throws {
    var plot = ScatterPlot("a", x: "x", y: "y")
    for place in 0..<20 { plot.add("\(place)", x: place < 18 ? 5 : Double(place - 18) * 10, y: 50) }
    plot.add("nowhere", x: .nan, y: 1)
    let svg = plot.svg()
    let circles = svg.matches(of: /<circle cx="([\d.]+)" cy="([\d.]+)" r="9"/)
    let places = try circles.map { (try #require(Double($0.1)), try #require(Double($0.2))) }
    #expect(places.count == 20 && svg.split(separator: "class=\"d\"").count == 1 + 18)
    for (one, a) in places.enumerated() {
      #expect((0...480).contains(a.0) && (0...320).contains(a.1))
      for b in places[..<one] {
        #expect(((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).squareRoot() > 17.9)
      }
    }
    #expect(!svg.contains("nan"))
  }

  /// Numbers stand behind the longer of two bars, and inside the plot.
  @Test func numbersOfBarsAreReadable() throws {
    var plot = BarPlot("error", unit: "%")
    plot.add("a", 10, beside: 20)
    plot.add("b", 40)
    plot.add("c", 30, beside: 5)
    let svg = plot.svg(width: 400)
    let bars = try svg.matches(of: /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/).map {
      try #require(Double($0.1)) + #require(Double($0.2))
    }
    let numbers = try svg.matches(of: /<text x="([\d.]+)" y="[\d.]+">([\d. ()]+)</).map {
      (try #require(Double($0.1)), String($0.2))
    }
    #expect(numbers.map(\.1) == ["10.00 (20.00)", "40.00", "30.00 (5.00)"])
    #expect(bars.count == 5 && bars[0] < bars[1] && bars[4] < bars[3])
    for (end, number) in zip([bars[1], bars[2], bars[3]], numbers) {
      #expect(number.0 > end && number.0 + 6.8 * Double(number.1.count) < 400)
    }
  }
}
