import Foundation
import Striate
import Testing

/// `kill -9` at random moments, most of them in the middle of a checkpoint.
@Suite struct KilledRunFuzzTests {
  /// Kills in all; `make fuzz` asks for more.
  private static let kills: Int = {
    let rounds = ProcessInfo.processInfo.environment["STRIATE_FUZZ_ROUNDS"].flatMap { Int($0) }
    return min(max(rounds ?? 20, 1), 200)
  }()

  @Test func killedRunEndsWithTheSameBytes() throws {
    _ = try SmallRun.whole.get()
    var random = SeededNumbers(seed: 20)
    var (kills, runs, inCheckpoint, beforeSettings) = (0, 0, 0, 0)
    let begun = Date()
    while kills < Self.kills {
      let run = try SmallRun()
      let folder = run.data.path("run")
      runs += 1
      var isDone = false
      while !isDone {
        let hasFolder = FileManager.default.fileExists(atPath: folder)
        let arguments =
          hasFolder ? run.resume(folder) : run.arguments("--output-dir", folder)
        let program = try CommandLineProgram.start(
          arguments + ["--checkpoint-every", "1", "--quiet"])
        if kills < Self.kills {
          wait(for: program, in: folder, &random)
          program.send(SIGKILL)
        }
        let outcome = try program.wait()
        if outcome.code == -SIGKILL {
          kills += 1
          try SmallRun.expectReadable(folder)
          if FileManager.default.fileExists(atPath: folder) {
            if try SmallRun.leftovers(folder).contains(where: { $0.contains("step-") }) {
              inCheckpoint += 1
            }
            if !FileManager.default.fileExists(atPath: "\(folder)/config.json") {
              beforeSettings += 1
            }
          }
        } else {
          #expect(outcome.code == 0, "\(outcome.errors)")
          #expect(!outcome.errors.contains("warning:"), "\(outcome.errors)")
          isDone = true
        }
      }
      // A kill may have come after the end but before the last clean-up.
      if try !SmallRun.leftovers(folder).isEmpty {
        #expect(try CommandLineProgram.run(run.resume(folder)).code == 0)
      }
      try SmallRun.expectWhole(folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: run.data.folder)
      #expect(names.allSatisfy { !$0.hasPrefix(".") && !$0.hasSuffix(".tmp") })
    }
    print(
      "\(kills) kills of \(runs) runs, \(inCheckpoint) within a checkpoint, \(beforeSettings) before "
        + "the settings were written, \(Int(Date().timeIntervalSince(begun))) s")
    #expect(inCheckpoint > 0)
  }

  /// Waits for a random moment: in one case of four from the program's start on, else from the first, second…
  /// checkpoint that it saves.
  private func wait(
    for program: RunningProgram, in folder: String, _ random: inout SeededNumbers
  ) {
    if random.next(below: 4) == 0 {
      usleep(UInt32(random.next(below: 300_000)))
      return
    }
    var last = RunFolder(folder).step(of: "last")
    for _ in 0...random.next(below: 12) {
      guard
        program.wait(until: {
          let now = RunFolder(folder).step(of: "last")
          defer { last = now }
          return now != last
        })
      else { return }
    }
    usleep(UInt32(random.next(below: 20_000)))
  }
}

/// Numbers that are the same in every run of the tests.
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A number from 0 up to the bound.
  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
