import ArgumentParser
import Striate

struct SummaryVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "What a network is made of: layers, parameters, work, receptive fields, memory.",
    discussion: "Figures are those of one image.")

  @Argument(help: "The network's id; 'striate models' lists them.")
  var model: String

  @OptionGroup var shape: ShapeOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let entry = try Catalog.find(model)
    let input = shape.input?.shape ?? entry.input
    let summary = try ModelSummary(
      entry.model(classes: shape.classes, input: input), named: model, input: input,
      on: device.find())
    try output.show(summary.json, text: summary.text)
  }
}
