import StriateCore
import StriateFormats

/// The report as a page that stands for itself: light or dark, from a phone's width on.
public struct LineagePage {
  private let report: LineageReport
  private let command: String

  /// A page for a report and the command that made it.
  public init(_ report: LineageReport, command: String) {
    self.report = report
    self.command = command
  }

  /// The page.
  public func html() -> String {
    let title = Markup.escaped("Sixty years of convolutional networks on \(report.data)")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <h1>\(title)</h1>
      <p>The same data, seed \(report.seed) and a budget of \(report.budget) for all together; \
      <code>\(Markup.escaped(command))</code></p>
      \(errors())
      \(table())
      \(courses())
      <h2>The members</h2>
      \(cards())
      </body>
      </html>

      """
  }

  /// The members as points of the same plots: test error of each, beside the published one.
  private func errors() -> String {
    var ours = BarPlot("Error, per cent", unit: "%")
    for (member, outcome) in report.rows {
      ours.add(
        "\(member.year) \(member.title)", (1 - outcome.accuracy) * 100,
        beside: member.topFiveError)
    }
    return """
      <h2>Error on the test pictures</h2>
      <p>The pale bars are the top-5 errors of the full networks on ILSVRC, where they took part.</p>
      <figure>\(ours.svg())</figure>
      """
  }

  private func table() -> String {
    let head = ["year", "member", "accuracy", "parameters", "products", "samples", "seconds", ""]
    let rows = report.rows.map { member, outcome -> String in
      let cells = [
        "\(member.year)", Markup.escaped(member.title), Numbers.percent(outcome.accuracy),
        Numbers.grouped(outcome.parameters), Numbers.grouped(outcome.macs),
        "\(Numbers.grouped(outcome.samples)) × \(outcome.passes)",
        Numbers.fixed(outcome.seconds, 1), outcome.isUnderTrained ? "under-trained" : "",
      ]
      return "<tr>\(cells.map { "<td>\($0)</td>" }.joined())</tr>"
    }
    return """
      <h2>In figures</h2>
      <div class="wide" tabindex="0"><table>
      <tr>\(head.map { "<th>\($0)</th>" }.joined())</tr>
      \(rows.joined(separator: "\n"))
      </table></div>
      """
  }

  private func courses() -> String {
    let plots = report.rows.filter { !$1.course.isEmpty }.map { member, outcome -> String in
      var plot = LinePlot(member.title, x: "step", y: "training loss", isLog: true)
      plot.add("loss", outcome.course.map { ($0.x, $0.y) })
      return "<figure>\(plot.svg(width: 420, height: 220))</figure>"
    }
    return "<h2>Learning curves</h2>\n<div class=\"plots\">\(plots.joined(separator: "\n"))</div>"
  }

  private func cards() -> String {
    report.rows.map { member, outcome in
      let gap = member.deviations.map { Markup.escaped($0) }.joined(separator: "; ")
      return """
        <section><h3>\(member.year) \(Markup.escaped(member.title))</h3>
        <p>Published: \(Markup.escaped(member.published)). Here: \(Numbers.percent(outcome.accuracy)) of the test pictures\
        \(outcome.isUnderTrained ? ", under-trained" : ""). Differs: \(gap).</p></section>
        """
    }.joined(separator: "\n")
  }

  private static let style = """
    :root{--ground:#fff;--ink:#1b1b1b;--pale:#5a5a5a;--line:#d8d8d8}
    @media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#e8e8e8;--pale:#a8a8a8;--line:#3a3a3a}}
    body{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:1000px;\
    margin:0 auto;padding:1rem}
    h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}h3{font-size:1rem;margin:1rem 0 0}
    p{color:var(--pale);margin:.2rem 0 1rem;overflow-wrap:anywhere}
    .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:1rem}
    figure{margin:0}svg{width:100%;height:auto}.wide{overflow-x:auto}table{border-collapse:collapse}
    th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid var(--line);white-space:nowrap;\
    font-variant-numeric:tabular-nums}code{font-family:ui-monospace,monospace}
    """
}
