import StriateCore
import StriateData
import StriateFormats
import StriateInspect

/// The report as a page that stands for itself: light or dark, from a phone's width on.
public struct LineagePage {
  let report: LineageReport

  /// A page for a report.
  public init(_ report: LineageReport) { self.report = report }

  /// The page.
  public func html() -> String {
    let parts = [
      ("error", "Error", errors), ("time", "Over the years", timeline),
      ("figures", "In figures", table), ("long", "The long run", longRun),
      ("cost", "What it costs", costs),
      ("changed", "Changed pictures", robustness), ("curves", "Learning curves", courses),
      ("members", "The members", cards), ("story", "The story", story),
    ]
    .filter { !$0.2.isEmpty }
    let links = parts.map { "<a href=\"#\($0.0)\">\($0.1)</a>" }.joined(separator: " · ")
    let head = """
      <p>The same data, seed \(report.seed) and a budget of \(report.budget) for all together, on \
      \(Markup.escaped(report.library)), \(Markup.escaped(Processor.name)); striate \(Version.current).<br><code>\(Markup.escaped(report.command))</code></p>
      <nav>\(links)</nav>
      """
    return HTMLPage(
      "Sixty years of convolutional networks on \(report.data)", width: 1080, style: Self.style
    ).html(
      [head]
        + parts.map { "<section id=\"\($0.0)\"><h2>\($0.1)</h2>\n\($0.2)\n</section>" })
  }

  /// The test error of each, beside the published one.
  private var errors: String {
    var plot = BarPlot("Error on the test pictures", unit: "%")
    for (member, outcome) in report.rows {
      plot.add(
        "\(member.year) \(member.title)", (1 - outcome.accuracy) * 100,
        beside: member.topFiveError)
    }
    return """
      <p>In per cent. The pale bars, and the numbers in brackets, are the top-5 errors of the full networks on ILSVRC, where they \
      took part.</p>
      <figure>\(plot.svg())</figure>
      \(ordering)
      """
  }

  /// Who is left out of comparisons, and who leads among the others.
  private var ordering: String {
    let short = report.rows.filter { $0.status($1) == .underTrained }.map(\.0.title)
    let best = report.compared.max { $0.1.accuracy < $1.1.accuracy }
    let left =
      short.isEmpty
      ? ""
      : " Still learning when the budget ended, and so left out of comparisons: "
        + Markup.escaped(short.joined(separator: ", ")) + "."
    guard let best else { return "<p>\(left)</p>" }
    return """
      <p>Among those that had learned what they could, \(Markup.escaped(best.0.title)) errs least, \
      \(Numbers.fixed((1 - best.1.accuracy) * 100, 2)) %; a single seed cannot order members that are closer than \
      its spread\(longRun.isEmpty ? "" : ", which <a href=\"#long\">the long run</a> shows").\(left)</p>
      """
  }

  private var timeline: String {
    var plot = ScatterPlot("", x: "year of the idea", y: "accuracy, %")
    for (member, outcome) in report.rows {
      plot.add(member.title, x: Double(member.year), y: outcome.accuracy * 100)
    }
    return "<figure>\(plot.svg(width: 640, height: 380))</figure>\(key)"
  }

  /// Whose the numbers in the plots are.
  private var key: String {
    let items = report.rows.enumerated().map { place, row in
      "<span>\(place + 1)&nbsp;\(Markup.escaped(row.0.title))</span>"
    }
    return "<p class=\"key\">\(items.joined(separator: " "))</p>"
  }

  private var table: String {
    let heads = [
      "", "year", "member", "accuracy", "on training", "parameters", "products", "samples",
      "seconds", "",
    ]
    let rows = report.rows.enumerated().map { place, row -> [String] in
      let (member, outcome) = row
      return [
        "\(place + 1)", "\(member.year)", Markup.escaped(member.title),
        Numbers.percent(outcome.accuracy), outcome.trainAccuracy.map { Numbers.percent($0) } ?? "–",
        Numbers.grouped(outcome.parameters), Numbers.grouped(outcome.macs),
        "\(Numbers.grouped(outcome.samples)) × \(outcome.passes)",
        Numbers.fixed(outcome.seconds, 1), report.mark(member, outcome),
      ]
    }
    return Self.table(heads, rows, words: [2, 9])
  }

  private var costs: String {
    func plot(_ label: String, _ value: (MemberOutcome) -> Double) -> String {
      var plot = ScatterPlot("Accuracy against \(label)", x: label, y: "accuracy, %", isLog: true)
      for (member, outcome) in report.rows {
        plot.add(member.title, x: value(outcome), y: outcome.accuracy * 100)
      }
      return "<figure>\(plot.svg(width: 420, height: 380))</figure>"
    }
    return """
      <div class="plots">
      \(plot("parameters") { Double($0.parameters) })
      \(plot("products of a picture") { Double($0.macs) })
      \(plot("seconds of training") { $0.seconds })
      </div>
      \(key)
      """
  }

  private var robustness: String {
    guard let names = report.outcomes.first?.robustness.map(\.name), !names.isEmpty else {
      return "<p>These data are no pictures.</p>"
    }
    let rows = report.rows.map { member, outcome in
      [Markup.escaped(member.title)]
        + outcome.robustness.map { Numbers.fixed($0.value * 100, 1) }
    }
    return """
      <p>Right answers, in per cent, to the first \(Numbers.grouped(Robustness.pictures)) test pictures, changed in ways that no member learned from.</p>
      \(Self.table(["member"] + names.map { Markup.escaped($0) }, rows, words: [0], isWrapped: true))
      """
  }

  private var courses: String {
    let plots = report.rows.filter { !$1.course.isEmpty }.map { member, outcome -> String in
      var plot = LinePlot(member.title, x: "step", y: "training loss", isLog: true)
      plot.add("loss", outcome.course.map { ($0.x, $0.y) })
      return "<figure>\(plot.svg(width: 420, height: 220))</figure>"
    }
    return "<div class=\"plots\">\(plots.joined(separator: "\n"))</div>"
  }

  /// A table; columns that are not of words are set to the right.
  static func table(
    _ heads: [String], _ rows: [[String]], words: Set<Int>, isWrapped: Bool = false
  ) -> String {
    func line(_ cells: [String], _ tag: String) -> String {
      let parts = cells.enumerated().map { place, cell in
        let style = words.contains(place) ? "" : " class=\"n\""
        return "<\(tag)\(style)>\(cell)</\(tag)>"
      }
      return "<tr>\(parts.joined())</tr>"
    }
    return """
      <div class="wide\(isWrapped ? " wrapped" : "")" tabindex="0"><table>
      \(line(heads, "th"))
      \(rows.map { line($0, "td") }.joined(separator: "\n"))
      </table></div>
      """
  }

  private static let style = """
    nav{margin:.5rem 0}.key span{margin-right:.8rem;white-space:nowrap;display:inline-block}
    .wide td{white-space:nowrap}.wrapped th{white-space:normal;overflow-wrap:normal;min-width:5rem;vertical-align:bottom}.wrapped th:first-child{min-width:9rem}
    .card{border-top:1px solid var(--line);padding:.6rem 0}.card h3{margin:.2rem 0}
    .card dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.3rem 0}
    .card dt{color:var(--pale)}.card dd{margin:0;overflow-wrap:anywhere}
    .shown{display:flex;flex-wrap:wrap;gap:.6rem;margin:.3rem 0 .6rem;padding:0;list-style:none}
    .shown li{width:6.2rem;font-size:.8rem;line-height:1.25}
    .shown img{width:56px;height:56px;object-fit:contain;image-rendering:pixelated;display:block}
    .peers{white-space:normal;display:inline-block;min-width:12rem}
    .filters{image-rendering:pixelated;max-width:100%;display:block}
    """
}
