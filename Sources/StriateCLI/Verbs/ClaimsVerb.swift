import ArgumentParser
import Striate

struct ClaimsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims",
    abstract: "What the papers claim, as small experiments with bars written down before.",
    subcommands: [ClaimsListVerb.self, ClaimsRunVerb.self])
}

struct ClaimsListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The claims, and what came of them for the record.",
    discussion: """
      Beside each verdict stand two commits: that which wrote the bars down, and that which recorded the result. --json \
      gives the bars and how each claim is tried.
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    var table = TextTable(
      [
        ("year", .right), ("claim", .left), ("recorded", .left), ("bars", .left),
        ("result", .left), ("what is claimed", .left),
      ], columns: TerminalStyle.output.limit, shortening: [5])
    for claim in Claim.all {
      let record = ClaimRecord.of(claim)
      let isOld = record.map { !$0.isCurrent(claim) } ?? false
      table.add([
        "\(claim.year)", claim.id,
        (record?.verdict.rawValue ?? "–") + (isOld ? ", other bars" : ""),
        record?.barsCommit ?? "–", record?.resultCommit ?? "–", claim.statement,
      ])
    }
    let json = Claim.all.map { claim -> JSON in
      let record = ClaimRecord.of(claim)
      return [
        "id": JSON(claim.id), "year": JSON(claim.year), "paper": JSON(claim.paper),
        "statement": JSON(claim.statement), "setup": JSON(claim.setup),
        "bars": JSON(claim.bars.map(\.description)),
        "record": record.map {
          [
            "verdict": JSON($0.verdict.rawValue), "bars_commit": JSON($0.barsCommit),
            "result_commit": JSON($0.resultCommit), "current": JSON($0.isCurrent(claim)),
          ]
        } ?? .null,
      ]
    }
    try output.show(.array(json), text: table.text)
  }
}

struct ClaimsRunVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Tries claims with several seeds, and says which were reproduced.",
    discussion: """
      A claim is reproduced where every bar holds with every seed, not reproduced where with every seed some bar does not \
      hold, else inconclusive. What was found is kept: the same command goes on where it was stopped.
      """)

  @Argument(
    help: "Claims, or all; 'striate claims list' names them.",
    completion: .list(["all"] + Claim.all.map(\.id)))
  var names: [String]

  @Option(help: "Seeds, from 0.")
  var seeds = 3

  @Option(help: "Pictures to learn from, such as fashion-mnist or mnist.", completion: .data)
  var data = "fashion-mnist"

  @Option(help: "The folder of what is found and of the report.", completion: .directory)
  var outputDir = "runs/claims"

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...100).contains(seeds) {
      throw ValidationError("--seeds must be from 1 to 100, found \(seeds)")
    }
    if names != ["all"] {
      do throws(ModelError) { _ = try Claim.find(names) } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  func run() throws {
    let device = try device.find()
    let claims = names == ["all"] ? Claim.all : try Claim.find(names)
    var run = ClaimRun(claims: claims, seeds: (0..<seeds).map { UInt64($0) }, data: data)
    run.observe = { event in
      switch event {
      case .begun(let claim, let place, let count):
        output.note("\(place + 1) of \(count): \(claim.id)")
      case .found(let claim, let seed, let findings, let isNew):
        let bars = claim.bars.map { bar in
          "\(bar.quantity) \(findings[bar.quantity].map { Numbers.fixed($0, 4) } ?? "–")"
        }.joined(separator: "; ")
        output.note(
          "  seed \(seed): \(bars)"
            + (isNew ? " (\(Numbers.fixed(findings.seconds, 1)) s)" : ", from before"))
      }
    }
    let report = try run.run(in: outputDir, on: device)
    let command =
      "striate claims run \(names.joined(separator: " ")) --seeds \(seeds) --data \(data)"
    try AtomicFile.write(report.json.text(pretty: true) + "\n", to: "\(outputDir)/report.json")
    try AtomicFile.write(
      ClaimPage(report, command: command).html(), to: "\(outputDir)/report.html")
    try output.show(
      report.json,
      text: report.text(columns: TerminalStyle.output.limit)
        + "\n\n\(report.summary)\nreport  \(outputDir)/report.html")
  }
}
