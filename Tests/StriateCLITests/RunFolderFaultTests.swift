import Foundation
import Striate
import Testing

/// Run folders that cannot be written, that hold another run, or that were damaged.
@Suite struct RunFolderFaultTests {
  /// A finished small run; each test has its own.
  private struct Finished {
    let run: SmallRun
    let folder: String

    init() throws {
      run = try SmallRun()
      folder = run.data.path("run")
      let outcome = try CommandLineProgram.run(run.arguments("--output-dir", folder, "--quiet"))
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
  }

  @Test(arguments: ["/dev/null/run", "/proc/run", "/proc/self/fd/run"])
  func unwritableFolderIsNamed(_ folder: String) throws {
    let run = try SmallRun()
    let outcome = try CommandLineProgram.run(run.arguments("--output-dir", folder))
    expectFault(outcome, 1, [folder])
  }

  @Test func fileInTheWayIsNamed() throws {
    let run = try SmallRun()
    let file = run.data.path("train-labels-idx1-ubyte")
    for arguments in [
      run.arguments("--output-dir", file), run.arguments("--output-dir", "\(file)/run"),
    ] {
      expectFault(try CommandLineProgram.run(arguments), 1, [file])
    }
    expectFault(try CommandLineProgram.run(run.arguments("--resume", file)), 1, [file])
  }

  /// A folder that may only be read; the superuser is not kept out by its mode.
  @Test func readOnlyFolderIsNamed() throws {
    guard getuid() != 0 else { return }
    let run = try SmallRun()
    let folder = run.data.path("locked")
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
    let outcome = try CommandLineProgram.run(run.arguments("--output-dir", "\(folder)/run"))
    expectFault(outcome, 1, [folder, "Permission denied"])
  }

  @Test func otherSettingsAreNamed() throws {
    let done = try Finished()
    let before = try SmallRun.End(of: done.folder)
    let rows: [([String], [String])] = [
      (["--epochs", "9"], ["epochs is 3, not 9"]),
      (["--batch-size", "16"], ["batch_size is 32, not 16"]),
      (["--seed", "5"], ["seed is 0, not 5"]),
      (["--lr", "0.5"], ["learning_rate is 0.002, not 0.5"]),
      (["--opt", "sgd"], ["optimizer is \"adamw\", not \"sgd\""]),
      (["--model", "lenet-300-100"], ["model is \"lenet5\", not \"lenet-300-100\""]),
    ]
    for (settings, says) in rows {
      let outcome = try CommandLineProgram.run(done.run.resume(done.folder) + settings)
      expectFault(outcome, 1, says + [done.folder])
    }
    #expect(try SmallRun.End(of: done.folder) == before)
    // What was refused has changed nothing: the run still goes on.
    #expect(try CommandLineProgram.run(done.run.resume(done.folder)).code == 0)
    try SmallRun.expectWhole(done.folder)
  }

  @Test func otherDataAreRefused() throws {
    let done = try Finished()
    let other = try SmallData(classes: 12, train: 600, test: 100)
    let outcome = try CommandLineProgram.run(
      done.run.resume(done.folder) + ["--data", other.name])
    #expect(outcome.code == 1)
    expectFault(outcome, 1, [other.folder])
  }

  @Test(arguments: ["", "{", "{}", "[1]", "{\"model\": 7}", "\u{0}\u{0}"])
  func damagedSettingsAreNamed(_ text: String) throws {
    let done = try Finished()
    try done.run.data.write("run/config.json", Array(text.utf8))
    let outcome = try CommandLineProgram.run(done.run.resume(done.folder))
    expectFault(outcome, 1, ["\(done.folder)/config.json"])
  }

  @Test(arguments: ["weights.safetensors", "optimizer.safetensors", "state.json"])
  func damagedCheckpointIsPassedOver(_ file: String) throws {
    let done = try Finished()
    try done.run.data.change("run/step-000057/\(file)") { $0.removeLast($0.count / 3) }
    let outcome = try CommandLineProgram.run(done.run.resume(done.folder))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let warnings = outcome.errorLines.filter { $0.contains("warning:") }
    #expect(warnings.count == 1 && warnings[0].contains("step-000057"), "\(outcome.errors)")
    #expect(outcome.errors.contains("resuming after step 38 "))
    try SmallRun.expectWhole(done.folder)
  }

  @Test func withoutAWholeCheckpointNothingIsBegun() throws {
    let done = try Finished()
    for step in RunFolder(done.folder).steps {
      try done.run.data.write("run/\(RunFolder("").name(step))/state.json", [])
    }
    let outcome = try CommandLineProgram.run(done.run.resume(done.folder))
    let warnings = outcome.errorLines.filter { $0.contains("warning:") }
    #expect(warnings.count == 3)
    #expect(warnings.filter { $0.hasSuffix("the checkpoint before it is used") }.count == 2)
    expectFault(outcome, 1, ["no checkpoint in \(done.folder) is whole"])
    #expect(RunFolder(done.folder).steps == [19, 38, 57])
  }

  /// What a kill leaves that comes before the settings are written, or while they are.
  @Test func folderWithoutSettingsStartsAnew() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try run.data.write("run/.config.json.1-0.tmp", Array("{".utf8))
    let bare = try CommandLineProgram.run(["train", "--resume", folder])
    expectFault(bare, 2, ["no run in \(folder)", "--model", "--data"])
    let outcome = try CommandLineProgram.run(run.resume(folder))
    #expect(outcome.code == 0, "\(outcome.errors)")
    try SmallRun.expectWhole(folder)
  }

  /// Two programs in one folder would take each other's files away.
  @Test func runInUseIsRefused() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let program = try CommandLineProgram.start(
      run.arguments("--output-dir", folder, "--checkpoint-every", "1", "--quiet"))
    #expect(program.wait(until: { RunFolder(folder).step(of: "last") != nil }))
    program.send(SIGSTOP)
    let second = try CommandLineProgram.run(run.resume(folder))
    program.send(SIGCONT)
    expectFault(second, 1, [folder, "in use"])
    #expect(try program.wait().code == 0)
    try SmallRun.expectWhole(folder)
  }
}

extension RunFolder {
  fileprivate func name(_ step: Int) -> String {
    checkpointPath(step).split(separator: "/").last.map(String.init) ?? ""
  }
}
