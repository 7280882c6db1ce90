import Foundation
import Striate
import Testing

/// Training, testing and asking on a folder of images.
@Suite struct ImageTrainingTests {
  /// A temporary folder of PNG and other files, a folder a class.
  private final class Photographs {
    let path: String

    init(splits: [String] = ["train/", "test/"], images: Int = 6) throws {
      path =
        FileManager.default.temporaryDirectory.appendingPathComponent(
          "striate-images-\(UUID().uuidString)"
        ).path
      for (place, split) in splits.enumerated() {
        for (label, name) in ["dark", "light", "red"].enumerated() {
          for index in 0..<images {
            let side = 20 + 7 * index + place
            let level = UInt8(truncatingIfNeeded: 30 + 90 * label + 5 * index)
            let image = try Image(
              width: side, height: side + label,
              color: label == 2 ? [200, level / 4, 10] : [level, level, level])
            try write("\(split)\(name)/\(index).png", image.png())
          }
        }
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
      let url = URL(fileURLWithPath: "\(path)/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
  }

  private func train(_ photographs: Photographs, _ more: [String]) throws
    -> CommandLineProgram.Outcome
  {
    try CommandLineProgram.run(
      [
        "train", "--model", "lenet5", "--data", "imagefolder:\(photographs.path)", "--epochs", "2",
        "--batch-size", "4", "--device", CommandLineProgram.device, "--json",
      ] + more)
  }

  @Test func trainingTestingAndPredictionAgree() throws {
    let photographs = try Photographs()
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    let trained = try train(
      photographs,
      [
        "--input", "3,28,28", "--augment", "imagenet,color-jitter(0.4),cutout(8)",
        "--interpolation",
        "bicubic", "--val-resize-size", "32", "--output-dir", run,
      ])
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("has 3 classes: lenet5 is made for them"))
    #expect(trained.errors.contains("3×28×28: shorter side 32 (bicubic), middle cut out"))

    let eval = try CommandLineProgram.run([
      "eval", "--weights", run, "--data", "imagefolder:\(photographs.path)", "--device",
      CommandLineProgram.device, "--json", "--workers", "3",
    ])
    #expect(eval.code == 0, "\(eval.errors)")
    #expect(eval.json?["images"]?.int == 18)
    #expect(eval.json?["acc1"]?.double == trained.json?["best_acc1"]?.double)

    // What prediction answers about the test files is what testing counted.
    let files = ["dark", "light", "red"].flatMap { name in
      (0..<6).map { "\(photographs.path)/test/\(name)/\($0).png" }
    }
    let predict = try CommandLineProgram.run(
      ["predict", "--weights", run, "--device", CommandLineProgram.device, "--json"] + files)
    #expect(predict.code == 0, "\(predict.errors)")
    let answers = (predict.json?.array ?? []).compactMap { $0["top"]?[0]?["name"]?.string }
    #expect(answers.count == 18)
    for (label, name) in ["dark", "light", "red"].enumerated() {
      let right = answers[(6 * label)..<(6 * label + 6)].filter { $0 == name }.count
      let counted = eval.json?["per_class"]?[label]?["acc1"]?.double ?? -1
      #expect(abs(counted - 100 * Double(right) / 6) < 1e-6)
    }
  }

  @Test func resumedRunEndsWithTheSameBytes() throws {
    let photographs = try Photographs(splits: [""])
    let (whole, part) = (photographs.path + "-whole", photographs.path + "-part")
    defer { for run in [whole, part] { try? FileManager.default.removeItem(atPath: run) } }
    let first = try train(
      photographs,
      ["--val-split", "0.25", "--augment", "imagenet,randaugment", "--output-dir", whole])
    #expect(first.code == 0, "\(first.errors)")
    try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(whole)/config.json", toPath: "\(part)/config.json")
    let second = try CommandLineProgram.run([
      "train", "--resume", part, "--workers", "4", "--json", "--device", CommandLineProgram.device,
    ])
    #expect(second.code == 0, "\(second.errors)")
    let weights = try [whole, part].map {
      try Data(contentsOf: URL(fileURLWithPath: "\($0)/last/weights.safetensors"))
    }
    #expect(weights[0] == weights[1])
    let other = try CommandLineProgram.run([
      "train", "--resume", part, "--augment", "flip", "--device", CommandLineProgram.device,
    ])
    #expect(other.code == 1)
    #expect(other.errors.contains("augmentation is"))
  }

  @Test func theTestSplitWaitsForTheEnd() throws {
    let photographs = try Photographs()
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    let trained = try train(photographs, ["--val-split", "0.3", "--output-dir", run])
    #expect(trained.code == 0, "\(trained.errors)")
    let final = try #require(trained.json?["final_acc1"]?.double)
    // The log says which samples were measured; the test split's are there once.
    let lines = try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
      .split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.filter { $0["split"]?.string == "val" }.count == 2)
    let tests = lines.filter { $0["split"]?.string == "test" }
    #expect(tests.compactMap { $0["acc1"]?.double } == [final])
    #expect(lines.last?["split"]?.string == "test")
    #expect(trained.errors.contains("held-out loss") && !trained.errors.contains("test loss"))
    let html = try String(contentsOfFile: "\(run)/summary.html", encoding: .utf8)
    #expect(html.contains("held-out accuracy") && html.contains("<th>held-out samples</th>"))
    #expect(html.contains("Test accuracy \(Numbers.fixed(final, 2)) %"))
    // Going on with what is finished tests nothing again and keeps the line.
    let again = try CommandLineProgram.run(["train", "--resume", run, "--json", "--quiet"])
    #expect(again.code == 0 && again.json?["final_acc1"]?.double == final, "\(again.errors)")
    let kept = try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
    #expect(kept.split(separator: "\n").count == lines.count)
    let eval = try CommandLineProgram.run([
      "eval", "--weights", run, "--data", "imagefolder:\(photographs.path)", "--device",
      CommandLineProgram.device, "--json",
    ])
    #expect(eval.json?["acc1"]?.double == trained.json?["final_acc1"]?.double)
  }

  @Test func filesThatCannotBeReadAreRefusedOrLeftOut() throws {
    let photographs = try Photographs()
    try photographs.write("train/red/broken.png", Array("no image".utf8))
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    let refused = try train(photographs, ["--output-dir", run])
    #expect(refused.code == 1)
    #expect(refused.errors.contains("broken.png") && refused.errors.contains("--bad-files skip"))
    #expect(refused.errors.contains("try: striate data inspect imagefolder:"))
    let skipped = try train(photographs, ["--output-dir", run, "--bad-files", "skip"])
    #expect(skipped.code == 0, "\(skipped.errors)")
    #expect(skipped.errors.contains("broken.png"))
  }

  /// A file that is cut off is found before anything is begun; damage in its middle ends the run, which then
  /// leaves no folder that could not be gone on with.
  @Test(arguments: [true, false]) func damagedFilesSayWhatToDo(_ isCutOff: Bool) throws {
    let photographs = try Photographs()
    let pixels = (0..<3600).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 3) }
    var bytes = try Image(width: 40, height: 30, channels: 3, pixels: pixels).png()
    if isCutOff { bytes.removeLast(bytes.count / 2) } else { bytes[bytes.count / 2] ^= 0xFF }
    try photographs.write("train/red/damaged.png", bytes)
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    let outcome = try train(photographs, ["--output-dir", run])
    expectFault(
      outcome, 1, ["damaged.png", "--bad-files skip", "striate data inspect imagefolder:"])
    #expect(outcome.errors.contains("training lenet5") == !isCutOff)
    #expect(!FileManager.default.fileExists(atPath: run))
    let skipped = try train(photographs, ["--output-dir", run, "--bad-files", "skip"])
    #expect(skipped.code == 0, "\(skipped.errors)")
  }

  /// Photographs are normalised by what is usual for them unless the data's own is asked for.
  @Test func bothPlacesSayWhatIsNormalisedBy() throws {
    let photographs = try Photographs(images: 2)
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    let data = "imagefolder:\(photographs.path)"
    let inspected = try CommandLineProgram.run(["data", "inspect", data, "--quiet"])
    #expect(inspected.output.contains("ImageNet's mean and std unless --mean measured"))
    let usual = try train(photographs, ["--output-dir", run, "--epochs", "1"])
    #expect(usual.errors.contains("(ImageNet's; --mean measured takes the data's own)"))
    #expect(usual.errors.contains("6 images, 1 epoch,"), "\(usual.errors)")
    try FileManager.default.removeItem(atPath: run)
    let measured = try train(photographs, ["--output-dir", run, "--mean", "measured"])
    #expect(measured.code == 0 && !measured.errors.contains("ImageNet"))
  }

  /// Of several files each is answered that can be; a folder stands for the images in it.
  @Test func predictionAnswersWhatItCan() throws {
    let photographs = try Photographs()
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    #expect(try train(photographs, ["--output-dir", run, "--epochs", "1"]).code == 0)
    try photographs.write("bad.png", Array("no image".utf8))
    func ask(_ files: String...) throws -> CommandLineProgram.Outcome {
      try CommandLineProgram.run(
        ["predict", "--weights", run, "--device", CommandLineProgram.device, "--json"]
          + files.map { "\(photographs.path)/\($0)" })
    }
    let some = try ask("test/red/0.png", "bad.png", "test/red/1.png", "none.png")
    expectFault(some, 1, ["2 of 4 images", "none.png"])
    let first = try #require(some.errorLines.first)
    #expect(first.hasPrefix("warning: ") && first.contains("bad.png"), "\(first)")
    #expect(first.hasSuffix("this is neither a JPEG nor a PNG image"), "\(first)")
    let names = (some.json?.array ?? []).compactMap { $0["file"]?.string?.suffix(9) }
    #expect(names == ["red/0.png", "red/1.png"])
    let folder = try ask("test/red")
    #expect(folder.code == 0 && folder.json?.array?.count == 6, "\(folder.errors)")
    expectFault(try ask("test"), 1, ["holds no PNG or JPEG file"])
    let none = try ask("bad.png")
    expectFault(none, 1, ["bad.png"])
    #expect(none.output.isEmpty)
  }

  /// Weights are tested on the classes that they were trained on.
  @Test func otherClassesAreSaid() throws {
    let photographs = try Photographs()
    let run = photographs.path + "-run"
    defer { try? FileManager.default.removeItem(atPath: run) }
    let trained = try train(photographs, ["--output-dir", run, "--input", "1,12,12"])
    #expect(trained.code == 0, "\(trained.errors)")
    for (classes, code, says) in [
      (3, 0, "3 of 3 names differ, such as '0' in the place of 'dark'"),
      (5, 1, "has 5 classes (0, 1, 2, …), the weights were trained on 3 (dark, light, red)"),
    ] as [(Int, Int32, String)] {
      let other = try SmallData(classes: classes)
      for ask in [["eval"], ["predict", "--index", "0"]] {
        let outcome = try CommandLineProgram.run(
          ask + ["--weights", run, "--data", other.name, "--device", "reference", "--quiet"])
        #expect(outcome.code == code, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
      }
    }
  }

  static let faults: [([String], Int32, String)] = [
    (["--augment", "flp"], 2, "did you mean flip"),
    (["--augment", "cutout(8),flip"], 2, "character 11"),
    (["--augment", "color-jitter"], 2, "color-jitter(0.4)"),
    (["--augment", "color-jitter(7)"], 2, "from 0 to 2"),
    (["--input", "3,28"], 2, "C,H,W"), (["--input", "2,28,28"], 2, "1 or 3 channels"),
    (["--input", "a"], 2, "--input"), (["--mean", "0.5"], 2, "both --mean and --std"),
    (["--mean", "0.5,0.5", "--std", "1,1"], 2, "1 or 3 numbers"),
    (["--mean", "0.5", "--std", "0"], 2, "positive"),
    (["--mean", "measured", "--std", "1"], 2, "leave --std out"),
    (["--mean", "0.5", "--std", "1,1,1"], 2, "as many"),
    (["--val-split", "1"], 2, "between 0 and 1"), (["--val-split", "nan"], 2, "between 0 and 1"),
    (["--workers", "-1"], 2, "workers"), (["--workers", "1000"], 2, "0 to 256"),
    (["--interpolation", "cubic"], 2, "interpolation"),
    (["--bad-files", "ignore"], 2, "bad-files"),
    (["--val-resize-size", "-3"], 2, "val-resize-size"),
    (["--classes", "2", "--val-split", "0.5"], 1, "has 3 classes"),
    ([], 2, "--val-split"),
  ]

  @Test func badArgumentsAreRefused() throws {
    let photographs = try Photographs(splits: [""], images: 2)
    for (arguments, code, said) in Self.faults {
      let outcome = try train(photographs, arguments)
      #expect(outcome.code == code, "\(arguments)")
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(said), "\(arguments): \(outcome.errors)")
    }
  }
}
