import ArgumentParser
import Striate

struct LineageCompareVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Puts runs with several seeds together: means, spreads, and which members can be told apart.",
    discussion: """
      The runs may differ in nothing but the seed. A member is ahead of another where it is right more often with each of \
      its seeds than the other with any; under-trained members are compared with none. The long run that reports show \
      beside short ones is the --json of this.
      """)

  @Argument(help: "Folders of 'striate lineage run'.", completion: .directory)
  var folders: [String]

  @OptionGroup var output: OutputOptions

  func run() throws {
    let series = try LineageSeries(folders: folders)
    try output.show(series.json, text: series.text(columns: TerminalStyle.output.limit))
  }
}
