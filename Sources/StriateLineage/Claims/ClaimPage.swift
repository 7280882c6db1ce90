import StriateCore
import StriateFormats

/// The claims as a page: each with its bars, what every seed gave, its plot and its verdict.
public struct ClaimPage {
  private let report: ClaimReport
  private let command: String

  /// A page for a report and the command that made it.
  public init(_ report: ClaimReport, command: String) {
    self.report = report
    self.command = command
  }

  /// The page.
  public func html() -> String {
    let style =
      ".v{font-weight:600}.b{white-space:nowrap}figcaption{color:var(--pale);font-size:.85rem}.no{color:#b3261e}.may{color:#8a6d00}.yes{color:#00714d}"
      + "@media(prefers-color-scheme:dark){.no{color:#ff8a80}.may{color:#ffd54f}.yes{color:#5fd7a7}}"
    let head = """
      <p>\(report.summary), with seeds \(report.seeds.map(String.init).joined(separator: ", ")) on \
      \(Markup.escaped(report.data)); <code>\(Markup.escaped(command))</code>. A claim is reproduced where every bar holds \
      with every seed, not reproduced where with every seed some bar does not.</p>
      """
    return HTMLPage("Claims of the papers, tried", style: style).html(
      [head] + report.results.map(section))
  }

  private func section(_ claim: Claim, _ findings: [Findings]) -> String {
    let verdict = claim.verdict(findings)
    let kind = [.reproduced: "yes", .notReproduced: "no", .inconclusive: "may"][verdict] ?? ""
    let limits = Dictionary(grouping: claim.bars, by: \.quantity)
    let rows = report.quantities(of: findings).map { name, values -> String in
      let bars = (limits[name] ?? []).map {
        "\($0.relation.rawValue) \(Numbers.plain($0.limit))"
      }.joined(separator: ", ")
      let cells = values.map { "<td class=\"n\">\(ClaimReport.short($0))</td>" }.joined()
      return
        "<tr><td>\(Markup.escaped(name))</td><td class=\"b\">\(Markup.escaped(bars))</td>\(cells)</tr>"
    }
    let seeds = report.seeds.map { "<th class=\"n\">seed \($0)</th>" }.joined()
    return """
      <section id="\(claim.id)"><h2>\(claim.year) \(Markup.escaped(claim.statement))</h2>
      <p><span class="v \(kind)">\(verdict.rawValue)</span> · \(Markup.escaped(claim.paper)) · <code>\(claim.id)</code></p>
      <p>\(Markup.escaped(claim.setup))</p>
      <div class="wide" tabindex="0"><table>
      <tr><th>measured</th><th>bar</th>\(seeds)</tr>
      \(rows.joined(separator: "\n"))
      </table></div>
      \(plot(claim, findings))
      </section>
      """
  }

  /// The curves of the first seed, those of the others pale behind them.
  private func plot(_ claim: Claim, _ findings: [Findings]) -> String {
    guard let axes = claim.axes, let first = findings.first, !first.curves.isEmpty else {
      return ""
    }
    var plot = LinePlot(claim.id, x: axes.x, y: axes.y)
    for found in findings.dropFirst() {
      for curve in found.curves { plot.add(curve.name, curve.points.map { ($0.x, $0.y) }, .faint) }
    }
    for curve in first.curves { plot.add(curve.name, curve.points.map { ($0.x, $0.y) }) }
    let note =
      findings.count > 1
      ? "<figcaption>Of seed \(report.seeds.first ?? 0); pale, of the others.</figcaption>" : ""
    return "<figure>\(plot.svg(width: 720, height: 300))\(note)</figure>"
  }
}
