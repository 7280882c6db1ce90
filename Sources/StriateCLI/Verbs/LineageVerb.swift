import ArgumentParser
import Striate

struct LineageVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Sixty years of convolutional networks as one experiment.",
    subcommands: [LineageRunVerb.self, LineageCompareVerb.self])
}

struct LineageRunVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Trains the whole history on the same data within one budget, and writes a report.",
    discussion: """
      The budget becomes whole steps of each member by its products at a fixed rate, never by the clock, so that the same \
      command makes the same steps everywhere. A run that was stopped or killed goes on with the same command. Members \
      whose loss still falls steeply at the end are marked under-trained.
      """)

  @Option(help: "The data, such as fashion-mnist, mnist or cifar10.", completion: .data)
  var data = "fashion-mnist"

  @Option(help: "The time of all members together, such as 90s, 10m or 1h.")
  var budget = "10m"

  @Option(help: "The seed of first weights, order and choice of samples.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Members, joined by commas (all).",
      discussion: LineageMember.all.map(\.id).joined(separator: ", ")))
  var only: String?

  @Option(help: "The folder of the run and its report (runs/lineage-DATA).", completion: .directory)
  var outputDir: String?

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if LineageBudget(budget) == nil {
      throw ValidationError("--budget takes a time such as 90s, 10m or 1h, found '\(budget)'")
    }
  }

  func run() throws {
    let device = try device.find()
    var lineage = Lineage(
      data: data, budget: LineageBudget(budget) ?? LineageBudget(seconds: 600), seed: seed)
    if let only {
      do throws(ModelError) {
        lineage.members = try LineageMember.find(
          only.split(separator: ",").map { String($0.filter { $0 != " " }) })
      } catch {
        throw ValidationError("--only: \(error)")
      }
    }
    let plain = data.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let folder = outputDir ?? "runs/lineage-\(String(plain))"
    let board = LineageBoard(lineage.members, isQuiet: output.quiet || output.json)
    lineage.observe = { board.show($0) }
    let report = try lineage.run(in: folder, on: device)
    board.finish()
    guard let report else {
      Output.note("stopped and saved; the same command goes on")
      return
    }
    try AtomicFile.write(report.json.text(pretty: true) + "\n", to: "\(folder)/report.json")
    try AtomicFile.write(report.csv, to: "\(folder)/report.csv")
    try AtomicFile.write(
      LineagePage(report).html(), to: "\(folder)/report.html")
    try output.show(
      report.json,
      text: report.text(columns: TerminalStyle.output.limit) + "\n\nreport  \(folder)/report.html")
  }
}
