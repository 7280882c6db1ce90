import StriateCore
import StriateFormats
import StriateTestSupport
import StriateTraining
import Testing

@Suite struct SummaryPageTests {
  private func page(_ change: (inout TrainingConfig) -> Void = { _ in }) throws -> String {
    let scratch = try Scratch()
    let folder = scratch.run("run")
    let page = SummaryPage(
      folder, facts: [.init("Machine", [("command", "train '<script>' && rm")])])
    _ = try tinyTrainer(tinyConfig(change)) { $0.observe = { try page.observe($0) } }.run(
      in: folder)
    return String(decoding: try InputFile.contents(page.path), as: UTF8.self)
  }

  @Test func showsCurvesResultsAndSettings() throws {
    let html = try page()
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    for title in ["Loss", "Accuracy", "Learning rate", "Speed"] {
      #expect(html.contains("<title>\(title)</title>"), "\(title)")
    }
    #expect(html.contains("Epoch 3 of 3, step 18"))
    #expect(html.contains("<tr><th>best</th>") && html.contains("<tr><th>last</th>"))
    #expect(html.contains("<th>batch_size</th><td><code>4</code>"))
    #expect(html.contains("<th>schedule.name</th><td><code>one-cycle</code>"))
    #expect(html.contains("href=\"last/weights.safetensors\""))
    #expect(html.contains("prefers-color-scheme:dark") && html.contains("width=device-width"))
    // It needs no other file, and no script.
    #expect(!html.contains("<script") && !html.contains("src=") && !html.contains("@import"))
    #expect(html.contains("&lt;script&gt;&#39; &amp;&amp; rm"))
  }

  @Test func whatTheSettingsSayIsOnlyText() throws {
    let html = try page { $0.data = "<img src=x onerror=alert(1)>\"'&" }
    #expect(!html.contains("<img"))
    #expect(html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"))
  }

  /// The curves of a log are its numbers.
  @Test func curvesAreThoseOfTheLog() {
    let curves = RunCurves(
      text: """
        {"step":2,"epoch":1,"split":"train","loss":9,"acc1":10,"lr":0.1,"images_per_sec":5,"time":1}
        {"step":4,"epoch":1,"split":"train","loss":8,"acc1":20,"lr":0.2,"images_per_sec":6,"time":2}
        {"step":4,"epoch":1,"split":"test","loss":7,"acc1":30,"lr":0.2,"images_per_sec":7,"time":3}
        {"step":8,"epoch":2,"split":"train","loss":6,"acc1":40,"lr":0.3,"images_per_sec":8,"time":4}
        {"step":8,"epoch":2,"split":"test","loss":5,"acc1":30,"lr":0.3,"images_per_sec":9,"time":5}
        nonsense
        {"step":9,"epoch":3,"spl
        """)
    let series = curves.loss.series
    #expect(series.map(\.name) == ["train", "test"])
    #expect(series[0].points == [.init(x: 1, y: 8), .init(x: 2, y: 6)])
    #expect(series[1].points == [.init(x: 1, y: 7), .init(x: 2, y: 5)])
    #expect(curves.measure?.series[1].points.map(\.y) == [30, 30])
    #expect(RunCurves(text: "").loss.isEmpty)
  }

  /// What was held out is called that, and the test at the end is none of the curve's points.
  @Test func heldOutIsNotCalledTest() {
    let curves = RunCurves(
      text: """
        {"step":4,"epoch":1,"split":"train","loss":8,"acc1":20}
        {"step":4,"epoch":1,"split":"val","loss":7,"acc1":30}
        {"step":4,"epoch":1,"split":"test","loss":3,"acc1":50}
        """)
    #expect(curves.loss.series.map(\.name) == ["train", "held-out"])
    #expect(curves.loss.series[1].points.map(\.y) == [7])
  }

  @Test func aPageThatCannotBeWrittenIsOneError() throws {
    let page = SummaryPage(RunFolder("/no/such/run"))
    let error = #expect(throws: (any Error).self) { try page.write() }
    #expect((error as? TrainingError)?.code == .storage)
  }
}
