import Striate
import StriateTestSupport
import Testing

/// Runs of several seeds put together, and what may be said of their order.
@Suite struct LineageSeriesTests {
  /// A report as `striate lineage run` writes it, with these shares of right answers.
  private func write(
    _ members: KeyValuePairs<String, Double>, seed: Int, budget: String = "9s",
    data: String = "fashion-mnist", passes: Int = 3, underTrained: String = "", to folder: String
  ) throws {
    let rows = members.enumerated().map { place, member -> JSON in
      [
        "id": JSON(member.key), "year": JSON(1990 + place), "title": JSON("The \(member.key)"),
        "samples": 100, "passes": JSON(passes), "acc1": JSON(member.value),
        "status": JSON(member.key == underTrained ? "under-trained" : "trained"),
      ]
    }
    let report: JSON = [
      "data": JSON(data), "budget": JSON(budget), "seed": JSON(seed), "library": "none",
      "processor": "one",
      "version": "0", "members": .array(rows),
      "command": JSON("striate lineage run --data \(data) --budget \(budget) --seed \(seed)"),
    ]
    try Folder.make(folder)
    try AtomicFile.write(report.text() + "\n", to: "\(folder)/report.json")
  }

  @Test func meansSpreadsAndOrder() throws {
    let scratch = try Scratch()
    let folders = (0..<3).map { "\(scratch.path)/\($0)" }
    // a: 60 to 62; b: 61.5 to 64 overlaps it; c: 70 to 71 is ahead of both; d is best, but was still learning.
    for (seed, shares) in [
      (2, [62, 64, 70.5, 99.0]), (0, [60, 61.5, 70, 99]), (1, [61, 63, 71, 99]),
    ] {
      try write(
        ["a": shares[0], "b": shares[1], "c": shares[2], "d": shares[3]], seed: seed,
        underTrained: seed == 1 ? "d" : "", to: folders[seed])
    }
    let series = try LineageSeries(folders: [folders[2], folders[0], folders[1]])
    #expect(series.seeds == [0, 1, 2] && series.command.hasSuffix("--seed SEED"))
    let (a, b) = (try #require(series["a"]), try #require(series["b"]))
    let (c, d) = (try #require(series["c"]), try #require(series["d"]))
    #expect(a.text == "61.00 ± 1.00" && a.accuracies == [0.6, 0.61, 0.62])
    #expect(series.peers(of: a).map(\.id) == ["b"] && series.peers(of: b).map(\.id) == ["a"])
    #expect(series.isAhead(c, of: a) && series.isAhead(c, of: b) && !series.isAhead(a, of: c))
    #expect(d.isUnderTrained && !series.isAhead(d, of: a) && !series.isAhead(c, of: d))
    #expect(series.ranking.map(\.id) == ["c", "b", "a"])
    let row = try #require(series.json["members"]?[1])
    #expect(row["not_told_apart"]?[0]?.string == "a")
    let text = series.text(columns: nil)
    #expect(text.contains("61.00 ± 1.00") && text.contains("SEED 0, 1, 2"))
  }

  @Test func oneSeedOrdersNothing() throws {
    let scratch = try Scratch()
    try write(["a": 60, "b": 90], seed: 0, to: "\(scratch.path)/0")
    let series = try LineageSeries(folders: ["\(scratch.path)/0"])
    let (a, b) = (try #require(series["a"]), try #require(series["b"]))
    #expect(!series.isAhead(b, of: a) && a.text == "60.00")
    #expect(series.text(columns: nil).contains("says nothing about the order"))
  }

  @Test func runsThatAreNoSeriesAreRefused() throws {
    let scratch = try Scratch()
    let first = "\(scratch.path)/first"
    try write(["a": 60, "b": 90], seed: 0, to: first)
    try write(["a": 60, "b": 90], seed: 0, to: "\(scratch.path)/seed")
    try write(["a": 60, "b": 90], seed: 1, budget: "1m", to: "\(scratch.path)/budget")
    try write(["a": 60, "b": 90], seed: 1, data: "mnist", to: "\(scratch.path)/data")
    try write(["a": 60, "c": 90], seed: 1, to: "\(scratch.path)/members")
    try write(["a": 60, "b": 90], seed: 1, passes: 4, to: "\(scratch.path)/passes")
    try Folder.make("\(scratch.path)/other")
    try AtomicFile.write("{}", to: "\(scratch.path)/other/report.json")
    for (name, expected) in [
      ("seed", "both of seed 0"), ("budget", "1m"), ("data", "mnist"), ("members", "a,c"),
      ("passes", "100 pictures × 4"), ("other", "no report"), ("nothing", "cannot be read"),
    ] {
      let error = #expect(throws: FormatError.self) {
        try LineageSeries(folders: [first, "\(scratch.path)/\(name)"])
      }
      #expect("\(try #require(error))".contains(expected), "\(name): \(String(describing: error))")
    }
  }

  /// The committed run is of all members, with several seeds.
  @Test func theLongRunIsRecorded() throws {
    let series = try #require(LineageSeries.longRun)
    #expect(series.data == "fashion-mnist" && series.budget == "1h")
    #expect(series.members.map(\.id) == LineageMember.all.map(\.id))
    for member in series.members {
      #expect(member.accuracies.count == series.seeds.count && series.seeds.count >= 3)
      #expect(member.worst > 0.1 && member.best < 1)
    }
  }
}
