import Foundation
import Striate
import Testing

/// `--autotune on`: what is tried is told and kept, and a run goes on with the kernels that it was begun with.
@Suite(.enabled(if: CommandLineProgram.device == "cpu", "oneDNN is not installed"))
struct AutotuneCommandTests {
  @Test func choicesAreKeptAndReplayed() throws {
    let run = try SmallRun()
    let cache = run.data.path("cache")
    let environment = ["XDG_CACHE_HOME": cache]
    func train(_ arguments: [String]) throws -> (code: Int32, errors: String) {
      let outcome = try CommandLineProgram.run(arguments, environment: environment)
      return (outcome.code, outcome.errors)
    }
    func kernels(_ folder: String) throws -> JSON? {
      try JSON(path: "\(folder)/last/state.json")["environment"]?["kernels"]
    }
    let (first, second) = (run.data.path("first"), run.data.path("second"))
    let begun = try train(run.arguments("--autotune", "on", "--output-dir", first))
    #expect(begun.code == 0, "\(begun.errors)")
    #expect(begun.errors.contains("tried kernels for") && begun.errors.contains("kernels.json"))
    let chosen = try #require(try kernels(first))
    #expect((chosen.object?.names.count ?? 0) > 4)

    // Another run takes what is known, and ends with the same bytes.
    let again = try train(run.arguments("--autotune", "on", "--output-dir", second))
    #expect(again.code == 0 && !again.errors.contains("tried kernels"), "\(again.errors)")
    #expect(try SmallRun.End(of: first) == SmallRun.End(of: second))

    // A run that is resumed keeps its kernels without a word, whatever the cache says by now.
    try Data("{}".utf8).write(to: URL(filePath: "\(cache)/striate/kernels.json"))
    let third = run.data.path("third")
    try FileManager.default.copyItem(atPath: first, toPath: third)
    for step in RunFolder(third).steps where step > SmallRun.stepsPerEpoch {
      try FileManager.default.removeItem(atPath: RunFolder(third).checkpointPath(step))
    }
    let resumed = try train(run.resume(third))
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(
      !resumed.errors.contains("tried kernels") && !resumed.errors.contains("last bits"),
      "\(resumed.errors)")
    #expect(try kernels(third) == chosen)
    #expect(try SmallRun.End(of: third).weights == SmallRun.End(of: first).weights)
  }

  @Test func theReferenceHasNothingToChoose() throws {
    let outcome = try CommandLineProgram.run([
      "bench", "--model", "lenet5", "--mode", "infer", "--batch", "1", "--repeat", "1", "--warmup",
      "0", "--device",
      "reference", "--autotune", "on",
    ])
    #expect(
      outcome.code == 0 && outcome.errors.contains("no kernels to choose from"), "\(outcome.errors)"
    )
    let wrong = try CommandLineProgram.run(["bench", "--model", "lenet5", "--autotune", "maybe"])
    #expect(wrong.code == 2 && wrong.errors.contains("autotune"))
  }
}
