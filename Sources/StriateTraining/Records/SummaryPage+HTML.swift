import StriateCore
import StriateFormats

extension SummaryPage {
  /// The page for these settings and curves.
  func html(config: JSON, curves: RunCurves) -> String {
    let model = config["model"]?.string ?? "a network"
    let data = config["data"]?.string ?? "its data"
    var body = [state(config, curves)]
    body.append(results(curves))
    body.append("<div class=\"plots\">")
    var loss = curves.loss
    loss.isLog = true
    loss.title = "Loss, logarithmic"
    body += [curves.loss, curves.measure, loss, curves.learningRate, curves.speed].compactMap {
      $0.map { "<figure>\($0.svg())</figure>" }
    }
    body.append("</div>")
    body.append(table("Settings", rows(of: config)))
    body += facts.map { table($0.title, $0.rows) }
    body.append(files)
    let wide = ".plots{grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}"
    return HTMLPage("\(model) on \(data)", width: 1200, style: wide).html(body)
  }

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
    let title = curves.metric?.title ?? "–"
    func number(_ line: RunCurves.Line?) -> String { curves.metric?.text(line?.measure) ?? "–" }
    let bestEpoch = folder.step(of: "best").flatMap { step in
      curves.test.last { $0.step == step }?.epoch
    }
    let heads = [
      "", "epoch", "\(what) \(title)", "\(what) loss", "train \(title)", "train loss", "rate",
      "images/s",
    ]
    let chosen = [("best", bestEpoch), ("last", last.epoch)].compactMap { name, epoch in
      epoch.map { (name, $0) }
    }
    let rows = chosen.map { name, epoch -> String in
      let (train, test) = (curves.train(epoch), curves.test(epoch))
      let cells = [
        "\(epoch)", number(test), decimal(test?.loss), number(train),
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
      + "\n<p>Test \(title) \(number(final)), test loss \(decimal(final.loss)): the weights of "
      + "epoch \(final.epoch) on the test split, which took no part in choosing them.</p>"
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
