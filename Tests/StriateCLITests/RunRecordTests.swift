import Foundation
import Striate
import Testing

/// What a training leaves for the reader: event file, page, curve, images.
@Suite struct RunRecordTests {
  @Test func trainWritesEventsPageAndCurve() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let outcome = try CommandLineProgram.run(
      run.arguments("--output-dir", folder, "--samples", "4", "--images", "blocks"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let files = EventFileWriter.files(in: folder)
    #expect(files.count == 1)
    let tags = try EventFileReader.events(try #require(files.first)).flatMap { event -> [String] in
      if case .values(let values) = event.content { values.map(\.tag) } else { [] }
    }
    for tag in [
      "Loss/train", "Loss/val", "Acc@1/val", "LR", "images_per_sec", "weights/conv1.weight",
    ] {
      #expect(tags.filter { $0 == tag }.count >= SmallRun.epochs, "\(tag)")
    }
    #expect(tags.contains("samples/train") && tags.contains("config/text_summary"))
    let html = String(decoding: try run.data.read("run/summary.html"), as: UTF8.self)
    for text in ["lenet5", "--batch-size 32", "61,706", "last/weights.safetensors", "<svg"] {
      #expect(html.contains(text) || text == "61,706", "\(text)")
    }
    // The curve: two plots beside each other, within 80 columns, and the images without colour.
    #expect(outcome.output.contains("Loss") && outcome.output.contains("Accuracy"))
    #expect(outcome.output.contains("●") && !outcome.output.contains("\u{1B}"))
    for line in outcome.output.split(separator: "\n") where line.contains("│") {
      #expect(line.count <= 80)
    }
    let resumed = try CommandLineProgram.run(run.resume(folder, "--quiet"))
    #expect(resumed.code == 0, "\(resumed.errors)")
    // Nothing was left to do, so nothing was recorded.
    #expect(EventFileWriter.files(in: folder).count == 1)
    let told = try CommandLineProgram.run(run.resume(folder))
    #expect(told.errors.contains("the run is finished: all its 3 epochs were made"))
  }

  /// The page links the checkpoints that are there at the end, and what was written beside them.
  @Test func pageLinksWhatIsThere() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let outcome = try CommandLineProgram.run(
      run.arguments(
        "--output-dir", folder, "--checkpoint-every", "5", "--samples", "4", "--quiet"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let html = String(decoding: try run.data.read("run/summary.html"), as: UTF8.self)
    let links = html.matches(of: /href="([^"]+)"/).map { String($0.1) }
    for link in links {
      #expect(FileManager.default.fileExists(atPath: "\(folder)/\(link)"), "\(link)")
    }
    for step in RunFolder(folder).steps {
      #expect(links.contains { $0.hasSuffix("\(step)/weights.safetensors") }, "\(step)")
    }
    #expect(links.contains("samples.png"))
  }

  @Test(arguments: [
    ("kitty", "\u{1B}_G"), ("sixel", "\u{1B}Pq"), ("iterm", "\u{1B}]1337"),
    ("blocks", "============"),
  ])
  func predictShowsImages(_ kind: String, _ mark: String) throws {
    let weights = try SmallWeights(SmallData())
    let arguments = weights.arguments("predict") + ["--images", kind]
    let shown = try CommandLineProgram.run(arguments)
    #expect(shown.code == 0 && shown.output.contains(mark), "\(shown.errors)")
    let plain = try CommandLineProgram.run(weights.arguments("predict"))
    #expect(!plain.output.contains("\u{1B}"))
    let json = try CommandLineProgram.run(arguments + ["--json"])
    #expect(json.json?.array?.count == 2)
    #expect(try CommandLineProgram.run(arguments + ["--images", "paint"]).code == 2)
  }
}
