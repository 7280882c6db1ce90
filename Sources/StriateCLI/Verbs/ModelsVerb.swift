import ArgumentParser
import Striate

struct ModelsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "The catalogue of networks, in the order of history.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.show(.array(Catalog.all.map(\.json)), text: text)
  }

  private var text: String {
    var table = TextTable(
      [
        ("id", .left), ("year", .left), ("network", .left), ("input", .left),
        ("parameters", .right),
        ("MACs", .right),
      ], columns: TerminalStyle.output.limit, shortening: [2])
    for entry in Catalog.all {
      table.add([
        entry.id, "\(entry.year)", entry.title, "\(entry.input)",
        Numbers.grouped(entry.parameters), Numbers.grouped(entry.macs),
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
      "classes": JSON(classes),
    ]
  }
}
