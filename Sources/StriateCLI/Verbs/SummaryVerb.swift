import ArgumentParser
import Striate

struct SummaryVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "What a network is made of: layers, parameters, work, receptive fields, memory.",
    discussion: """
      Rows are those of one image, in use; memory is that of --batch images. A '#1' marks a layer's second \
      call, 'shared' a row whose parameters an earlier one counts.
      """)

  @Argument(help: "The network's id; 'striate models' lists them.", completion: .models)
  var model: String

  @Option(
    name: [.customLong("batch"), .customLong("batch-size")],
    help: "Images that memory is planned for.")
  var batch = 1

  @Option(help: "Path components a row has at most; what lies deeper is summed.")
  var depth: Int?

  @OptionGroup var shape: ShapeOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1 << 30).contains(batch) else {
      throw ValidationError("--batch must be from 1 to \(1 << 30), found \(batch)")
    }
    if let depth, depth < 1 { throw ValidationError("--depth must be at least 1, found \(depth)") }
  }

  func run() throws {
    let entry = try Catalog.find(model)
    let input = shape.input?.shape ?? entry.input
    let summary = try ModelSummary(
      entry.model(classes: shape.classes, input: input), named: model, input: input,
      batch: batch, depth: depth, on: device.find())
    try output.show(summary.json, text: summary.text(columns: TerminalStyle.output.columns))
  }
}
