import ArgumentParser
import Striate

struct DataVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Data sets: what is known, get one, look into one.",
    discussion: """
      DATA is \(DataSource.known.joined(separator: ", ")); @N after it takes N training samples.
      """,
    subcommands: [
      DataListVerb.self, DataFetchVerb.self, DataInspectVerb.self, DataBenchVerb.self,
    ])
}

struct DataListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The data sets that are known by name, and where they are.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.show(.array(KnownDataset.allCases.map(\.json)), text: text)
  }

  private var text: String {
    var table = TextTable([("name", .left), ("classes", .right), ("found", .left)])
    for dataset in KnownDataset.allCases {
      let place = (try? dataset.find()) ?? "no; get it: \(dataset.install)"
      table.add([dataset.rawValue, "\(dataset.classNames.count)", place])
    }
    let others = DataSource.known.filter { $0.contains(":") }.joined(separator: ", ")
    return "\(table.text)\n\nYour own: \(others)"
  }
}

struct DataFetchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Downloads a known data set with curl, checks and unpacks it.",
    discussion: """
      It goes to $STRIATE_DATA/NAME, or to ~/.local/share/striate/data/NAME. A download that was cut
      off goes on where it ended.
      """)

  @Argument(help: "The name, such as cifar10.")
  var name: String

  @Option(help: "The folder to put it into.")
  var outputDir: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let known = KnownDataset.allCases.map(\.rawValue)
    guard let dataset = KnownDataset(rawValue: name) else {
      throw InspectError(
        .usage, "there is no data set '\(name)' to fetch; \(NearMiss.hint(for: name, among: known))"
      )
    }
    guard let folder = outputDir ?? dataset.fetchFolder else {
      throw InspectError(.usage, "neither STRIATE_DATA nor HOME is set; give --output-dir FOLDER")
    }
    let present =
      outputDir == nil ? try? dataset.find() : dataset.isIn(folder: folder) ? folder : nil
    if present == nil {
      try DatasetFetch(
        dataset: dataset, folder: folder, showsProgress: !output.quiet, note: output.note
      ).run()
    }
    let place = present ?? folder
    let did = present == nil ? "fetched into" : "already in"
    try output.show(
      ["name": JSON(name), "path": JSON(place), "fetched": JSON(present == nil)],
      text: "\(name): \(did) \(place)")
  }
}

extension KnownDataset {
  /// The record that `data list` shows.
  var json: JSON {
    let path = try? find()
    return [
      "name": JSON(rawValue), "found": JSON(path != nil), "path": path.map { JSON($0) } ?? .null,
      "classes": .array(classNames.map { JSON($0) }), "install": JSON(install),
    ]
  }
}
