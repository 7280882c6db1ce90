import ArgumentParser
import Striate

struct ExplainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Pictures of what a network is and does.",
    subcommands: [ExplainImageVerb.self, ExplainGraphVerb.self],
    defaultSubcommand: ExplainImageVerb.self)
}

struct ExplainGraphVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "An SVG picture of a network's graph.",
    discussion: """
      Layers stand in the frames of those that call them; values flow down, gradients back up beside them. \
      Browsers show it light or dark.
      """)

  @Argument(help: "The network's id; 'striate models' lists them.", completion: .models)
  var model: String

  @Option(help: "infer, or train for the whole step with gradients and updates.")
  var mode = ModelSubject.Mode.infer

  @Option(help: "A box for each of the layers, ops or kernels.")
  var level = GraphPicture.Level.layers

  @Option(name: [.customLong("batch"), .customLong("batch-size")], help: "Images at once.")
  var batch = 2

  @Option(
    name: [.customLong("output"), .short], help: "The SVG file.",
    completion: .file(extensions: ["svg"]))
  var file: String

  @OptionGroup var shape: ShapeOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try OutputName.check(file, "--output", ending: ".svg", kind: "an SVG picture")
    guard (1...1 << 30).contains(batch) else {
      throw ValidationError("--batch must be from 1 to \(1 << 30), found \(batch)")
    }
  }

  func run() throws {
    let entry = try Catalog.find(model)
    let input = shape.input?.shape ?? entry.input
    let subject = ModelSubject(
      entry.model(classes: shape.classes, input: input), named: entry.id, input: input,
      batch: batch)
    let device = try device.find()
    let picture = try GraphPicture(subject, mode, level: level, on: device)
    try AtomicFile.write(picture.svg, to: file)
    try output.show(
      [
        "model": JSON(entry.id), "mode": JSON(mode.rawValue), "level": JSON(level.rawValue),
        "device": JSON(device.id), "boxes": JSON(picture.boxes), "edges": JSON(picture.edges),
        "file": JSON(file),
      ],
      text: "\(picture.boxes) \(level.rawValue == "layers" ? "boxes" : level.rawValue), "
        + "\(picture.edges) edges in \(file)")
  }
}

extension GraphPicture.Level: ExpressibleByArgument {}
