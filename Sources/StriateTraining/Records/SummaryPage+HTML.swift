import StriateCore
import StriateFormats

extension SummaryPage {
  /// The page for these settings and curves.
  func html(config: JSON, curves: RunCurves) -> String {
    let model = config["model"]?.string ?? "a network"
    let data = config["data"]?.string ?? "its data"
    let title = Markup.escaped("\(model) on \(data)")
    var body = ["<h1>\(title)</h1>", state(config, curves)]
    body.append(results(curves))
    body.append("<div class=\"plots\">")
    var loss = curves.loss
    loss.isLog = true
    loss.title = "Loss, logarithmic"
    body += [curves.loss, curves.accuracy, loss, curves.learningRate, curves.speed].map {
      "<figure>\($0.svg())</figure>"
    }
    body.append("</div>")
    body.append(table("Settings", rows(of: config)))
    body += facts.map { table($0.title, $0.rows) }
    body.append(files)
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
      \(body.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  private static let style = """
    :root{--ground:#fff;--ink:#1b1b1b;--pale:#5a5a5a;--line:#d8d8d8}
    @media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#e8e8e8;--pale:#a8a8a8;--line:#3a3a3a}}
    body{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:1200px;\
    margin:0 auto;padding:1rem}
    h1{font-size:1.5rem;margin:.2rem 0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
    p{color:var(--pale);margin:.2rem 0 1rem}
    .plots{display:grid;margin-top:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:1rem}
    figure{margin:0}svg{width:100%;height:auto}
    .wide{overflow-x:auto}table{border-collapse:collapse}
    th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid var(--line);\
    vertical-align:top;overflow-wrap:anywhere}
    th{font-weight:600;white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    code{font-family:ui-monospace,monospace}a{color:inherit}
    """

  // MARK: Parts

  private func state(_ config: JSON, _ curves: RunCurves) -> String {
    guard let last = curves.train.last else { return "<p>No epoch is complete yet.</p>" }
    let epochs = config["epochs"]?.int.map { " of \($0)" } ?? ""
    let time = curves.lines.last?.time.map { ", \(Numbers.clock($0)) of training" } ?? ""
    return "<p>Epoch \(last.epoch)\(epochs), step \(last.step)\(time).</p>"
  }

  private func results(_ curves: RunCurves) -> String {
    guard let last = curves.train.last else { return "" }
    let what = curves.isHeldOut ? "held-out" : "test"
    let heads = [
      "", "epoch", "\(what) accuracy", "\(what) loss", "train accuracy", "train loss", "rate",
      "images/s",
    ]
    let chosen = [("best", curves.best?.epoch), ("last", last.epoch)].compactMap { name, epoch in
      epoch.map { (name, $0) }
    }
    let rows = chosen.map { name, epoch -> String in
      let (train, test) = (curves.train(epoch), curves.test(epoch))
      let cells = [
        "\(epoch)", percent(test?.accuracy), decimal(test?.loss), percent(train?.accuracy),
        decimal(train?.loss), train?.rate.map(Numbers.plain) ?? "–",
        train?.speed.map { Numbers.fixed($0, 0) } ?? "–",
      ]
      return "<tr><th>\(name)</th>" + cells.map { "<td class=\"n\">\($0)</td>" }.joined() + "</tr>"
    }
    let head = heads.map { "<th class=\"n\">\($0)</th>" }.joined()
    let table =
      "<div class=\"wide\"><table>\n<tr>\(head)</tr>\n\(rows.joined(separator: "\n"))\n</table></div>"
    guard let final = curves.final else { return table }
    return table
      + "\n<p>Test accuracy \(percent(final.accuracy)), test loss \(decimal(final.loss)): the weights of "
      + "epoch \(final.epoch) on the test split, which took no part in choosing them.</p>"
  }

  private func percent(_ value: Double?) -> String {
    value.map { "\(Numbers.fixed($0, 2)) %" } ?? "–"
  }

  private func decimal(_ value: Double?) -> String {
    value.map { Numbers.fixed($0, 4) } ?? "–"
  }

  private func table(_ title: String, _ rows: [(name: String, value: String)]) -> String {
    let lines = rows.map { name, value in
      "<tr><th>\(Markup.escaped(name))</th><td><code>\(Markup.escaped(value))</code></td></tr>"
    }
    return "<h2>\(Markup.escaped(title))</h2>\n<table>\n\(lines.joined(separator: "\n"))\n</table>"
  }

  /// Members of objects within the settings stand as `outer.inner`.
  private func rows(of json: JSON, prefix: String = "") -> [(name: String, value: String)] {
    (json.object?.map { $0 } ?? []).flatMap { name, value -> [(name: String, value: String)] in
      if value.object != nil { return rows(of: value, prefix: "\(prefix)\(name).") }
      return [("\(prefix)\(name)", value.string ?? value.description)]
    }
  }

  /// Links to what lies beside the page; only to what is there.
  private var files: String {
    let names =
      ["best", "last"].flatMap { ["\($0)/weights.safetensors"] }
      + folder.steps.map { "\(RunFolder.name(of: $0))/weights.safetensors" }
      + ["metrics.jsonl", "config.json", "samples.png"]
    let links = names.filter { InputFile.exists("\(folder.path)/\($0)") }.map { name in
      "<li><a href=\"\(name)\">\(name)</a></li>"
    }
    return "<h2>Files</h2>\n<ul>\n\(links.joined(separator: "\n"))\n</ul>"
  }
}
