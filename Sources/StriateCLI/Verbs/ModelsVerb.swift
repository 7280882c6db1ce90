import ArgumentParser
import Striate

struct ModelsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "The catalogue of networks, in the order of history.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.show(
      .array(Catalog.all.map(\.json) + SegmentationNetworks.all.map(\.json)), text: text)
  }

  private var text: String {
    var table = TextTable(
      [
        ("id", .left), ("task", .left), ("year", .left), ("network", .left), ("input", .left),
        ("parameters", .right),
        ("MACs", .right),
      ], columns: TerminalStyle.output.limit, shortening: [3])
    for entry in Catalog.all {
      table.add([
        entry.id, "classify", "\(entry.year)", entry.title, "\(entry.input)",
        Numbers.grouped(entry.parameters), Numbers.grouped(entry.macs),
      ])
    }
    for entry in SegmentationNetworks.all {
      table.add([
        entry.id, "segment", "\(entry.year)", entry.title, "\(entry.input)",
        Numbers.grouped(entry.parameters), "–",
      ])
    }
    return table.text
  }
}

extension CatalogEntry {
  /// The record as the command line's contract has it.
  var json: JSON {
    [
      "id": JSON(id), "year": JSON(year), "title": JSON(title), "paper": JSON(paper),
      "parameters": JSON(parameters), "macs": JSON(macs), "input": input.json,
      "classes": JSON(classes), "task": "classify",
    ]
  }
}

extension SegmentationEntry {
  /// The record as the command line's contract has it; multiplications depend on the extent and are not known.
  var json: JSON {
    [
      "id": JSON(id), "year": JSON(year), "title": JSON(title), "paper": JSON(paper),
      "parameters": JSON(parameters), "macs": .null, "input": input.json,
      "classes": JSON(classes), "task": "segment",
    ]
  }
}
