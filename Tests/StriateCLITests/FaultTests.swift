import Foundation
import Striate
import Testing

/// What goes wrong, with its exit code and what its one error line says.
@Suite struct FaultTests {
  struct Case: Sendable, CustomStringConvertible {
    var arguments: [String]
    var code: Int32
    var says: [String]
    var environment: [String: String] = [:]

    init(
      _ line: String, _ code: Int32, _ says: String..., environment: [String: String] = [:]
    ) {
      arguments = line.split(separator: " ").map(String.init)
      self.code = code
      self.says = says
      self.environment = environment
    }

    var description: String { arguments.joined(separator: " ") }
  }

  static let cases: [Case] = [
    // Unknown names.
    Case("trian", 2, "no verb 'trian'", "train"),
    Case("--bogus", 2, "--bogus"),
    Case("train --epohcs 3", 2, "--epohcs", "--epochs"),
    Case("models --jsn", 2, "--jsn", "--json"),
    Case("summary lenet", 2, "no model named 'lenet'", "lenet5"),
    Case("bench --model resnet2", 2, "no model named 'resnet2'", "resnet20"),
    Case("train --recipe lenet5-fashon", 2, "lenet5-fashion"),
    Case("train --model lenet5 --data fashion-mnst", 2, "fashion-mnist"),
    Case("train --model lenet5 --data fashion-mnist --opt sgdd", 2, "sgdd", "adamw"),
    Case("summary lenet5 --device cpuu", 2, "no device named 'cpuu'", "cpu"),
    // Arguments that make no sense.
    Case("train", 2, "--model", "--data", "--recipe"),
    Case("train --recipe lenet5-fashion --epochs 0", 2, "epochs must be at least 1"),
    Case("train --recipe lenet5-fashion --lr nan", 2, "learning rate"),
    Case("train --recipe lenet5-fashion --lr -1", 2, "at least 0, found -1"),
    Case("train --recipe lenet5-fashion --lr x", 2, "--lr takes a number, found 'x'"),
    Case("train --recipe lenet5-fashion --epochs 1.5", 2, "--epochs takes a whole number"),
    Case("train --recipe lenet5-fashion --seed -1", 2, "--seed takes a whole number from 0"),
    Case("train --recipe lenet5-fashion --input 3,x", 2, "C,H,W, such as 3,224,224; found '3,x'"),
    Case(
      "train --recipe lenet5-fashion --lr-scheduler cosin", 2,
      "constant, step, multistep", "found 'cosin'; did you mean cosine?"),
    Case("explain graph lenet5 --output x.pdf", 2, "ends with .svg", "try x.svg"),
    Case("data inspect mnist --sheet s.jpg", 2, "ends with .png", "try s.png"),
    Case("explain graph lenet5 --output /nonexistent/x.svg", 1, "make the folder /nonexistent"),
    Case("train --model lenet5 --data fashion-mnist@xx", 2, "after '@', found 'xx'"),
    Case("train --model lenet5 --data idx:", 2, "idx:FOLDER"),
    Case("train --model lenet5 --data fashion-mnist@0", 2, "after '@'"),
    Case("train --resume /nonexistent/run", 2, "no run in /nonexistent/run"),
    Case("train --recipe lenet5-fashion --lr-scheduler multistep", 2, "--lr-milestones"),
    Case("eval --data fashion-mnist", 2, "--weights"),
    Case("predict --weights x", 2, "--index"),
    Case("run --model lenet5 --input x.npy", 2, "--seed"),
    Case("run --model lenet5 --seed 0 --input x.npy --gradients g", 2, "--target"),
    Case("bench --model lenet5 --batch 0", 2, "--batch must be at least 1"),
    Case("bench --model lenet5 --threads 0", 2, "threads"),
    Case("summary lenet5 extra", 2, "extra"),
    Case("summary lenet5 --input 1,x", 2, "--input"),
    Case("summary lenet5 --classes 0", 2, "--classes"),
    // Files and devices that are not there.
    Case("train --model lenet5 --data idx:/nonexistent", 1, "/nonexistent"),
    Case("eval --weights /nonexistent --data idx:/nonexistent", 1, "/nonexistent"),
    Case("predict --weights /nonexistent x.png", 1, "/nonexistent"),
    Case("run --model lenet5 --seed 0 --input /nonexistent.npy", 1, "/nonexistent.npy"),
    Case("summary lenet5 --device cuda:0", 1, "cuda:0 is missing"),
    Case(
      "summary lenet5 --device cpu", 1, "oneDNN", "get it with: ",
      environment: ["STRIATE_ONEDNN": "/nonexistent"]),
    // A network that cannot be.
    Case(
      "summary lenet5 --input 1,4,4 --device reference", 1, "kernel of extent 5", "LeNet5.swift"),
  ]

  @Test(arguments: cases) func fault(_ row: Case) throws {
    let outcome = try CommandLineProgram.run(row.arguments, environment: row.environment)
    #expect(outcome.code == row.code)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("error: "))
    for part in row.says { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
  }

  @Test func moreThreadsThanThereAreIsSaidOnce() throws {
    let outcome = try CommandLineProgram.run([
      "summary", "lenet5", "--json", "--threads", "4096", "--device", CommandLineProgram.device,
    ])
    #expect(outcome.code == 0 && outcome.json != nil)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("warning: --threads 4096: \(CommandLineProgram.device) takes "))
  }

  /// Data that are there but for a part of their name, and runs beside the one that was asked for.
  @Test func whatMayHaveBeenMeantIsNamed() throws {
    let data = try SmallData()
    let run = data.path("runs/first")
    let trained = try CommandLineProgram.run([
      "train", "--model", "lenet-300-100", "--data", data.name, "--epochs", "1", "--device",
      "reference", "--output-dir", run, "--quiet",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    let rows: [([String], String)] = [
      (["train", "--model", "lenet5", "--data", "\(data.name)@xx"], "after '@', found 'xx'"),
      (["train", "--model", "lenet5", "--data", "\(data.name)@999"], "leave '@999' out"),
      (
        ["train", "--model", "lenet5", "--data", "imagefolder:\(data.path("run"))"],
        "did you mean \(data.path("runs"))?"
      ),
      (
        ["eval", "--weights", data.path("runs/frist"), "--data", data.name],
        "; try: striate eval --weights \(run) --data \(data.name)"
      ),
      (
        ["predict", "--weights", run, "--data", data.name, "--index", "5000"],
        "there is no sample 5000 among 20; they are numbered from 0 to 19"
      ),
    ]
    for (line, says) in rows {
      let outcome = try CommandLineProgram.run(line)
      #expect(outcome.code != 0 && outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(says), "\(outcome.errors)")
    }
  }

  @Test func automaticDeviceFallsBackWithOneLine() throws {
    let outcome = try CommandLineProgram.run(
      ["summary", "lenet5", "--json"], environment: ["STRIATE_ONEDNN": "/nonexistent"])
    #expect(outcome.code == 0)
    #expect(outcome.json?["device"]?.string == "reference")
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("get it with: "))
  }

  @Test func existingFolderIsRefused() throws {
    let data = try SmallData()
    let outcome = try CommandLineProgram.run([
      "train", "--model", "lenet5", "--data", data.name, "--output-dir", data.folder,
    ])
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("--resume"))
  }

  @Test func wrongClassCountIsRefused() throws {
    let data = try SmallData(classes: 3)
    let arguments = [
      "train", "--model", "lenet5", "--data", data.name, "--device", "reference", "--epochs", "1",
      "--output-dir", data.path("run"), "--json",
    ]
    let refused = try CommandLineProgram.run(arguments)
    #expect(refused.code == 1)
    #expect(refused.errors.contains("3 classes") && refused.errors.contains("--classes 3"))
    let taken = try CommandLineProgram.run(arguments + ["--classes", "3"])
    #expect(taken.code == 0, "\(taken.errors)")
    let tooFew = try CommandLineProgram.run(arguments + ["--classes", "2"])
    #expect(tooFew.code == 1)
  }

  @Test func unreadableWeightsAreRefused() throws {
    let data = try SmallData()
    let file = data.path("weights.safetensors")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
    let outcome = try CommandLineProgram.run([
      "eval", "--model", "lenet5", "--weights", file, "--data", data.name,
    ])
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("weights.safetensors"))
  }
}
