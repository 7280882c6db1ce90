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

  /// Whole steps by the table alone: more budget, or a higher rate, are never fewer samples.
  @Test func budgetsBecomeWholeSteps() {
    var before = 0
    for seconds in [1, 10, 60, 600, 6000] {
      let slow = LineageBudget.Demand(rate: 100, count: 60_000, batch: 64, mostPasses: 20)
      let fast = LineageBudget.Demand(rate: 200, count: 60_000, batch: 64, mostPasses: 20)
      let plans = LineageBudget(seconds: seconds).plans([slow, fast])
      for plan in plans {
        #expect(plan.samples % 64 == 0 || plan.samples == 60_000)
        #expect((1...20).contains(plan.passes))
      }
      let seen = plans.map { $0.samples * $0.passes }
      #expect(seen[0] <= seen[1] && seen[0] >= before)
      before = seen[0]
    }
    // Two seconds a member at a hundred pictures a second: three steps of 64.
    let plans = LineageBudget(seconds: 10).plans(
      [LineageBudget.Demand](
        repeating: .init(rate: 100, count: 60_000, batch: 64, mostPasses: 20), count: 5))
    #expect(plans == [LineageBudget.Plan](repeating: .init(samples: 192, passes: 1), count: 5))
  }

  /// Where three passes are the least there are fewer samples.
  @Test func passesThatMustBeAreMade() {
    let demand = LineageBudget.Demand(
      rate: 100, count: 1000, batch: 50, mostPasses: 6, leastPasses: 3)
    let plans = [1, 9, 30, 90].map { LineageBudget(seconds: $0).plans([demand])[0] }
    #expect(
      plans == [
        .init(samples: 50, passes: 3), .init(samples: 300, passes: 3),
        .init(samples: 1000, passes: 3), .init(samples: 1000, passes: 6),
      ])
  }

  /// What one cannot use the others have: of nine seconds one takes one, and the others four each.
  @Test func leftTimeIsTheOthers() {
    let quick = LineageBudget.Demand(rate: 1000, count: 1000, batch: 10, mostPasses: 1)
    let slow = LineageBudget.Demand(rate: 10, count: 1000, batch: 10, mostPasses: 1)
    #expect(
      LineageBudget(seconds: 9).plans([slow, quick, slow]) == [
        .init(samples: 40, passes: 1), .init(samples: 1000, passes: 1),
        .init(samples: 40, passes: 1),
      ])
  }

  /// A member is under-trained where its loss still fell, unless it saw every picture as often as helps it.
  @Test func membersThatStillLearnAreMarked() throws {
    let member = try LineageMember.find(["lenet5"])[0]
    func outcome(passes: Int, steps: Double, last: Double) throws -> MemberOutcome {
      let course = (1...20).map { place -> JSON in
        let x = Double(place) / 20
        return ["step": JSON(x * steps), "loss": JSON(x > 0.9 ? last : 1)]
      }
      return try #require(
        MemberOutcome([
          "id": "lenet5", "parameters": 1, "macs": 1, "samples": 100, "passes": JSON(passes),
          "acc1": 50, "course": .array(course), "seconds": 1,
        ]))
    }
    #expect(member.status(try outcome(passes: 5, steps: 2000, last: 0.95)) == .trained)
    #expect(member.status(try outcome(passes: 5, steps: 2000, last: 0.85)) == .underTrained)
    #expect(member.status(try outcome(passes: 5, steps: 900, last: 1)) == .underTrained)
    #expect(member.status(try outcome(passes: 20, steps: 2000, last: 0.85)) == .trained)
  }

  /// Whoever does not fit the pictures is named, with those that do.
  @Test func membersThatDoNotFitAreNamed() throws {
    let scratch = try Scratch()
    for name in ["train", "t10k"] {
      try scratch.write(
        [UInt8](repeating: 9, count: 20 * 100), [20, 10, 10], "\(name)-images-idx3-ubyte")
      try scratch.write((0..<20).map { $0 % 5 }, [20], "\(name)-labels-idx1-ubyte")
    }
    let lineage = Lineage(
      data: "idx:\(scratch.path)", budget: LineageBudget(seconds: 1),
      members: try LineageMember.find(["linear", "lenet1", "resnet-mini"]))
    let error = #expect(throws: TrainingError.self) {
      try lineage.run(in: "\(scratch.path)/lineage", on: Self.device)
    }
    let message = "\(try #require(error))"
    #expect(
      message.contains("lenet1 does not fit") && message.contains("--only linear,resnet-mini"))
  }

  @Test func membersHaveNamesNetworksAndOrder() throws {
    let ids = LineageMember.all.map(\.id)
    #expect(Set(ids).count == ids.count && ids.count == 20)
    let years = LineageMember.all.map(\.year)
    #expect(years == years.sorted())
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
      data: data, budget: LineageBudget(seconds: 2),
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
    // Other members would share the budget otherwise.
    var fewer = lineage
    fewer.members = try LineageMember.find(["neocognitron"])
    let error = #expect(throws: TrainingError.self) { try fewer.run(in: folder, on: Self.device) }
    #expect("\(try #require(error))".contains("members share the budget"))
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
      try write(pixels, [count, 28, 28], "\(name)-images-idx3-ubyte")
      try write(labels, [count], "\(name)-labels-idx1-ubyte")
    }
    return "idx:\(path)"
  }

  /// Bytes as an IDX array.
  fileprivate func write(_ bytes: [UInt8], _ shape: [Int], _ name: String) throws {
    try AtomicFile.write(
      [0, 0, 8, UInt8(shape.count)] + shape.flatMap(big) + bytes, to: "\(path)/\(name)")
  }

  private func big(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
