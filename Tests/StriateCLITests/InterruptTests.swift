import Foundation
import Striate
import Testing

/// SIGINT and SIGTERM: the run saves, ends cleanly, and goes on later.
@Suite struct InterruptTests {
  @Test(arguments: [SIGINT, SIGTERM], [1, 20])
  func signalSavesAndTheRunGoesOn(_ signal: Int32, after step: Int) throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let program = try CommandLineProgram.start(
      run.arguments("--output-dir", folder, "--checkpoint-every", "1", "--json"))
    #expect(program.wait(until: { (RunFolder(folder).step(of: "last") ?? 0) >= step }))
    program.send(signal)
    let outcome = try program.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("error:"), "\(outcome.errors)")
    #expect(outcome.errors.contains("stopped and saved; go on with: striate train --resume"))
    #expect(outcome.json?["stopped"]?.bool == true)
    let stopped = try #require(RunFolder(folder).step(of: "last"))
    // What was tested is some steps behind what was saved.
    let tested = stopped / SmallRun.stepsPerEpoch * SmallRun.stepsPerEpoch
    #expect(outcome.json?["tested_step"]?.int == (tested == 0 ? nil : tested))
    #expect(stopped >= step && stopped < SmallRun.epochs * SmallRun.stepsPerEpoch)
    #expect(
      outcome.json?["weights"]?.string?.contains(RunFolder(folder).checkpointPath(stopped)) == true)
    #expect(try SmallRun.leftovers(folder) == [])
    let second = try CommandLineProgram.run(run.resume(folder))
    #expect(second.code == 0, "\(second.errors)")
    #expect(second.errors.contains("resuming after step \(stopped) "), "\(second.errors)")
    try SmallRun.expectWhole(folder)
  }

  /// Without checkpoints in between, the one of the signal is the only one.
  @Test func signalSavesBetweenCheckpoints() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let program = try CommandLineProgram.start(run.arguments("--output-dir", folder))
    #expect(
      program.wait(until: { FileManager.default.fileExists(atPath: "\(folder)/metrics.jsonl") }))
    program.send(SIGTERM)
    let outcome = try program.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(RunFolder(folder).step(of: "last") != nil)
    let second = try CommandLineProgram.run(run.resume(folder))
    #expect(second.code == 0, "\(second.errors)")
    try SmallRun.expectWhole(folder)
  }

  /// Standard output and standard error that nobody reads stop no training.
  @Test func closedStandardErrorStopsNothing() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    // The shell's pipe has lost its reader when the first line comes.
    let line = ([CommandLineProgram.path] + run.arguments("--output-dir", folder))
      .map { "'\($0)'" }.joined(separator: " ")
    _ = try CommandLineProgram.shell(
      "{ sleep 0.1; \(line); echo $? > '\(folder)-code'; } 2>&1 | true")
    let code = try String(
      contentsOf: URL(fileURLWithPath: "\(folder)-code"), encoding: .utf8)
    #expect(code == "0\n")
    try SmallRun.expectWhole(folder)
  }
}
