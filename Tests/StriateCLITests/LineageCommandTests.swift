import Foundation
import Striate
import Testing

/// `striate lineage`, `claims` and `history` as a user runs them.
@Suite struct LineageCommandTests {
  private static let members = "linear,lenet5,resnet-mini"

  private func arguments(_ data: SmallData, _ folder: String) -> [String] {
    [
      "lineage", "run", "--data", data.name, "--budget", "1s", "--only", Self.members,
      "--device", CommandLineProgram.device, "--threads", "1", "--output-dir", folder,
    ]
  }

  /// The report without its times.
  private func report(_ folder: String) throws -> JSONObject {
    var report = try #require(try JSON(path: "\(folder)/report.json").object)
    #expect(report["times"]?.object?.names.count == 3)
    report["times"] = nil
    return report
  }

  /// Killed at any moment, a lineage goes on: no finished member is run again, and it ends as a whole run does.
  @Test func aKilledLineageEndsAsAWholeOne() throws {
    let data = try SmallData(train: 300, test: 40)
    let (whole, killed) = (data.path("whole"), data.path("killed"))
    let first = try CommandLineProgram.run(arguments(data, whole))
    #expect(first.code == 0, "\(first.errors)")
    var random = SeededNumbers(seed: 5)
    for _ in 0..<5 {
      let program = try CommandLineProgram.start(arguments(data, killed))
      usleep(UInt32(random.next(below: 700_000)))
      let done = finished(killed)
      program.send(SIGKILL)
      _ = try program.wait()
      let next = try CommandLineProgram.start(arguments(data, killed))
      usleep(UInt32(random.next(below: 400_000)))
      next.send(SIGKILL)
      let outcome = try next.wait()
      for member in done {
        #expect(!outcome.errors.contains("\(member),"), "\(member) again: \(outcome.errors)")
      }
    }
    let last = try CommandLineProgram.run(arguments(data, killed))
    #expect(last.code == 0, "\(last.errors)")
    #expect(try report(whole) == report(killed))
    for name in ["report.html", "report.csv"] {
      #expect(FileManager.default.fileExists(atPath: "\(killed)/\(name)"))
    }
  }

  /// The titles of members whose outcome stands in the folder, as the program tells that they begin.
  private func finished(_ folder: String) -> [String] {
    LineageMember.all.filter {
      FileManager.default.fileExists(atPath: "\(folder)/members/\($0.id)/outcome.json")
    }.map { "\($0.title) (\($0.year))" }
  }

  @Test(arguments: [
    (["lineage", "run", "--budget", "soon"], "--budget takes a time such as 90s, 10m or 1h"),
    (["lineage", "run", "--only", "resnet-mny"], "resnet-mini"),
    (["claims", "run", "rely"], "relu"),
    (["claims", "run", "relu", "--seeds", "0"], "--seeds must be from 1 to 100"),
  ])
  func badRequestsSayWhatIsExpected(_ line: [String], _ expected: String) throws {
    let outcome = try CommandLineProgram.run(line)
    #expect(outcome.code == 2 && outcome.errors.contains(expected), "\(outcome.errors)")
  }

  @Test func claimsThatNeedNoPicturesRunAnywhere() throws {
    let data = try SmallData()
    let folder = data.path("claims")
    let line = [
      "claims", "run", "convolution-arithmetic", "--seeds", "2", "--output-dir", folder, "--json",
      "--device", CommandLineProgram.device,
    ]
    let outcome = try CommandLineProgram.run(line)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let claim = outcome.json?["claims"]?[0]
    #expect(claim?["verdict"]?.string == "reproduced" && claim?["held"]?.array?.count == 2)
    #expect(FileManager.default.fileExists(atPath: "\(folder)/report.html"))
    // Pictures that the experiments are not made for are refused before anything is learned.
    let other = try CommandLineProgram.run([
      "claims", "run", "relu", "--data", data.name, "--output-dir", data.path("other"),
    ])
    #expect(other.code == 1 && other.errors.contains("28×28"), "\(other.errors)")
  }

  @Test func theStoryIsTold() throws {
    let text = try CommandLineProgram.run(["history"])
    #expect(text.code == 0)
    for step in HistoryStep.all { #expect(text.output.contains(step.title)) }
    let json = try CommandLineProgram.run(["history", "--json"]).json
    #expect(json?.array?.count == HistoryStep.all.count)
  }
}
