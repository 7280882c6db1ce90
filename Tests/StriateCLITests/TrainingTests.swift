import Foundation
import Striate
import Testing

/// Training, testing and asking on a small data set.
@Suite struct TrainingTests {
  @Test func trainedWeightsAnswer() throws {
    let data = try SmallData()
    let run = data.path("run")
    let train = try CommandLineProgram.run(
      settings(data) + ["--output-dir", run, "--samples", "5", "--json"],
      environment: ["NO_COLOR": "1"])
    #expect(train.code == 0, "\(train.errors)")
    for key in ["acc1", "loss", "epochs", "seconds", "images_per_sec", "weights"] {
      #expect(train.json?[key] != nil, "\(key)")
    }
    for name in ["config.json", "metrics.jsonl", "last/weights.safetensors", "samples.png"] {
      #expect(FileManager.default.fileExists(atPath: "\(run)/\(name)"), "\(name)")
    }

    let eval = try CommandLineProgram.run([
      "eval", "--model", "lenet-300-100", "--weights", run, "--data", data.name, "--device",
      "reference", "--json", "--confusion", "--confusion-csv", data.path("confusion.csv"),
    ])
    #expect(eval.code == 0, "\(eval.errors)")
    #expect(eval.json?["images"]?.int == 20)
    #expect(eval.json?["acc1"]?.double == train.json?["best_acc1"]?.double)
    #expect(eval.json?["per_class"]?.array?.count == 10)
    #expect((eval.json?["acc5"]?.double ?? 0) >= (eval.json?["acc1"]?.double ?? 1))
    let confusion = (eval.json?["confusion"]?.array ?? []).map { $0.array?.compactMap(\.int) ?? [] }
    #expect(confusion.count == 10 && confusion.reduce(0) { $0 + $1.reduce(0, +) } == 20)
    for (row, entry) in zip(confusion, eval.json?["per_class"]?.array ?? []) {
      #expect(entry["support"]?.int == row.reduce(0, +))
      for key in ["precision", "recall", "f1", "auroc", "auprc"] { #expect(entry[key] != nil) }
    }
    let right = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
    #expect(eval.json?["acc1"]?.double == 5 * Double(right))
    let csv = try String(contentsOfFile: data.path("confusion.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\n").count == 11 && csv.hasPrefix("class,"))

    let sheet = try Image(pngFile: "\(run)/samples.png")
    let grey = try Image(width: 40, height: 30, color: [90, 90, 90])
    try Data(grey.png()).write(to: URL(fileURLWithPath: data.path("grey.png")))
    let predict = try CommandLineProgram.run([
      "predict", "--weights", run, "--device", "reference", "--json", data.path("grey.png"),
      "\(run)/samples.png", "\(data.name):4", "--data", data.name, "--index", "0,1",
    ])
    #expect(predict.code == 0, "\(predict.errors)")
    #expect(sheet.channels == 3)
    let answers = predict.json?.array ?? []
    #expect(answers.count == 5)
    for answer in answers {
      #expect(answer["file"]?.string != nil)
      #expect(answer["top"]?.array?.count == 5)
      #expect(answer["top"]?[0]?["name"]?.string != nil)
      let scores = (answer["top"]?.array ?? []).compactMap { $0["score"]?.double }
      #expect(scores == scores.sorted(by: >))
    }
    #expect(answers.dropFirst(2).first?["truth"]?["index"]?.int == 4)
  }

  @Test func resumedRunEndsWithTheSameBytes() throws {
    let data = try SmallData()
    let (whole, part) = (data.path("whole"), data.path("part"))
    let arguments = settings(data) + ["--checkpoint-every", "1", "--json", "--quiet"]
    let first = try CommandLineProgram.run(arguments + ["--output-dir", whole])
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.errors.isEmpty)
    // A run that was begun and has no checkpoint yet starts anew from its settings alone.
    try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(whole)/config.json", toPath: "\(part)/config.json")
    let second = try CommandLineProgram.run([
      "train", "--resume", part, "--json", "--device", "reference",
    ])
    #expect(second.code == 0, "\(second.errors)")
    #expect(try bytes(whole) == bytes(part))

    let other = try CommandLineProgram.run([
      "train", "--resume", part, "--epochs", "9", "--device", "reference",
    ])
    #expect(other.code == 1)
    #expect(other.errors.contains("epochs"))
  }

  /// Going on needs no option: device, threads and classes are those that the run was begun with.
  @Test func resumingNeedsNoOption() throws {
    let run = try SmallRun()
    let (folder, anew) = (run.data.path("run"), run.data.path("anew"))
    let first = try CommandLineProgram.run(run.arguments("--output-dir", folder, "--quiet"))
    #expect(first.code == 0, "\(first.errors)")
    try FileManager.default.createDirectory(atPath: anew, withIntermediateDirectories: true)
    try run.data.write("anew/config.json", run.data.read("run/config.json"))
    for step in [38, 57] { try run.data.remove("run/step-0000\(step)") }
    for place in [folder, anew] {
      let outcome = try CommandLineProgram.run(["train", "--resume", place, "--json"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("warning:"), "\(outcome.errors)")
      try SmallRun.expectWhole(place)
    }
    guard CommandLineProgram.device == "cpu" else { return }
    try run.data.remove("run/step-000057")
    let other = try CommandLineProgram.run(
      ["train", "--resume", folder, "--threads", "2", "--quiet"])
    #expect(other.code == 0, "\(other.errors)")
    #expect(other.errorLines.count == 1)
    #expect(
      other.errors.contains("goes on with threads 2, not 1: its end may differ in the last bits"),
      "\(other.errors)")
  }

  @Test func sameSeedGivesTheSameBytes() throws {
    let data = try SmallData()
    for name in ["a", "b", "c"] {
      let seed = name == "c" ? "1" : "0"
      let outcome = try CommandLineProgram.run(
        settings(data) + ["--output-dir", data.path(name), "--seed", seed])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("test accuracy"))
    }
    #expect(try bytes(data.path("a")) == bytes(data.path("b")))
    #expect(try bytes(data.path("a")) != bytes(data.path("c")))
  }

  private func settings(_ data: SmallData) -> [String] {
    [
      "train", "--model", "lenet-300-100", "--data", data.name, "--epochs", "2", "--batch-size",
      "16", "--device", "reference",
    ]
  }

  private func bytes(_ run: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(run)/last/weights.safetensors"))
  }
}
