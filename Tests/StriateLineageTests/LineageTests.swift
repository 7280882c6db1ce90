import Striate
import StriateTestSupport
import Testing

/// The whole history as one experiment.
@Suite struct LineageTests {
  private static let device = (try? Device.cpu()) ?? .reference

  @Test(arguments: [
    ("90s", 90, "90s"), ("10m", 600, "10m"), ("600", 600, "10m"), ("2h", 7200, "2h"),
  ])
  func budgetsAreRead(_ text: String, _ seconds: Int, _ written: String) throws {
    let budget = try #require(LineageBudget(text))
    #expect(budget.seconds == seconds && budget.description == written)
  }

  @Test(arguments: ["", "m", "0s", "-5m", "1.5h", "10 m", "10d", "99999999999999999999s"])
  func otherTextsAreNone(_ text: String) { #expect(LineageBudget(text) == nil) }

  /// Whole steps by products alone: more budget, or fewer products, are never fewer samples.
  @Test func budgetsBecomeWholeSteps() {
    var before = 0
    for seconds in [1, 10, 60, 600, 6000] {
      let plan = LineageBudget(seconds: seconds).plan(
        macs: 10_000_000, members: 5, count: 60_000, batch: 64)
      #expect(plan.samples % 64 == 0 || plan.samples == 60_000)
      #expect((1...LineageBudget.mostPasses).contains(plan.passes))
      #expect(plan.samples * plan.passes >= before)
      before = plan.samples * plan.passes
    }
    // 2 s a member at 10¹⁰ products a second, 32·10⁶ a sample: 625 samples, nine steps of 64.
    #expect(
      LineageBudget(seconds: 10).plan(macs: 10_000_000, members: 5, count: 60_000, batch: 64)
        == .init(samples: 576, passes: 1))
    #expect(
      LineageBudget(seconds: 1).plan(macs: 1_000_000_000, members: 20, count: 50, batch: 64)
        == .init(samples: 50, passes: 1))
  }

  @Test func membersHaveNamesNetworksAndOrder() throws {
    let ids = LineageMember.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    for id in ids.filter({ $0.hasSuffix("-mini") || $0.hasPrefix("lenet") }) {
      #expect(throws: Never.self) { try Catalog.find(id) }
    }
    #expect(
      try LineageMember.find(["resnet-mini", "linear"]).map(\.id) == ["linear", "resnet-mini"])
    #expect(throws: ModelError.self) { try LineageMember.find(["resnet-mini", "lenet6"]) }
  }

  /// A run reports every member, goes on where it was, says the same again, and refuses another's folder.
  @Test func runsReportAndGoOn() throws {
    let scratch = try Scratch()
    let data = try scratch.digits()
    var lineage = Lineage(
      data: data, budget: LineageBudget(seconds: 4),
      members: try LineageMember.find([
        "nearest-neighbour", "linear", "gabor", "lenet5", "neocognitron",
      ]))
    let folder = "\(scratch.path)/lineage"
    let report = try #require(try lineage.run(in: folder, on: Self.device))
    #expect(report.outcomes.map(\.id) == lineage.members.map(\.id))
    for outcome in report.outcomes { #expect(outcome.accuracy > 0.5, "\(outcome)") }
    var old = 0
    lineage.observe = { if case .finished(_, _, isNew: false) = $0 { old += 1 } }
    let again = try #require(try lineage.run(in: folder, on: Self.device))
    #expect(old == 5 && again.json == report.json)
    #expect(report.csv.split(separator: "\n").count == 6)
    let page = LineagePage(report).html()
    for member in lineage.members { #expect(page.contains(member.title)) }
    #expect(!page.contains("nan") && !page.contains("http://www.w3.org/2000/svg\" viewBox=\"0 0 0"))
    // Anew, in another folder, the same but for times.
    let other = try #require(try lineage.run(in: "\(scratch.path)/other", on: Self.device))
    var (a, b) = (try #require(report.json.object), try #require(other.json.object))
    (a["times"], b["times"]) = (nil, nil)
    #expect(a == b)
    lineage.seed = 1
    #expect(throws: TrainingError.self) { try lineage.run(in: folder, on: Self.device) }
  }
}

extension Scratch {
  /// Drawn digits at random places as an IDX data set: its name.
  fileprivate func digits() throws -> String {
    var random = RandomStream(seed: 5, "digits")
    for (name, count) in [("train", 400), ("t10k", 100)] {
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for sample in 0..<count {
        let digit = sample % 5
        labels.append(UInt8(digit))
        let picture = DrawnDigits.picture(
          digit, right: Int.random(in: -1...1, using: &random),
          down: Int.random(in: -1...1, using: &random)
        ).scalars(as: Float.self)
        for row in 0..<28 {
          for column in 0..<28 {
            let inside = (6..<22).contains(row) && (6..<22).contains(column)
            pixels.append(inside && picture[(row - 6) * 16 + column - 6] > 0 ? 255 : 0)
          }
        }
      }
      try AtomicFile.write(
        [0, 0, 8, 3] + big(count) + big(28) + big(28) + pixels,
        to: "\(path)/\(name)-images-idx3-ubyte")
      try AtomicFile.write(
        [0, 0, 8, 1] + big(count) + labels, to: "\(path)/\(name)-labels-idx1-ubyte")
    }
    return "idx:\(path)"
  }

  private func big(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
