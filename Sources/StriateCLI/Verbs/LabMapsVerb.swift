import ArgumentParser
import Striate

struct LabMapsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maps",
    abstract: "What the planes of some layers answer to images, drawn side by side.",
    discussion: """
      A row an image: the image as the network sees it, then of every layer the planes that answer most to the first \
      image. Shown to a digit and to the same digit moved or bent, S-cells move with it and C-cells hardly do.
      """)

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A file of weights, or a run folder: its best checkpoint, else its last.",
    completion: .file())
  var weights: String

  @Option(
    help: "The layers, joined by commas, such as s1,c1,s2,c2.",
    transform: { try LayerList($0) })
  var layers: LayerList

  @Option(help: "Planes of each layer.")
  var planes = 6

  @Option(
    name: .customLong("output"), help: "The PNG file to write.",
    completion: .file(extensions: ["png"]))
  var png: String

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: "PNG or JPEG files, or samples as idx:FOLDER#PREFIX:INDEX.", completion: .file())
  var images: [String]

  func validate() throws {
    try OutputName.check(png, "--output", ending: ".png", kind: "a PNG picture")
    if !(1...64).contains(planes) {
      throw ValidationError("--planes must be from 1 to 64, found \(planes)")
    }
  }

  func run() throws {
    let device = try device.find()
    let trained = try TrainedModel(model, weights: weights)
    var source = try ImageSource(trained, data: nil, invert: false)
    let inputs = try images.map { try source.image($0).tensor }
    let maps = try StageMaps(
      trained.model, weights: trained.weights, pictures: inputs,
      layers: layers.names, planes: planes, on: device)
    try AtomicFile.write(maps.image.png(), to: png)
    let rows = maps.planes.map { ($0.layer, $0.planes.map(String.init).joined(separator: ", ")) }
    try output.show(
      [
        "file": JSON(png), "device": JSON(device.id),
        "layers": .array(
          maps.planes.map {
            ["layer": JSON($0.layer), "planes": .array($0.planes.map { JSON($0) })]
          }),
      ], text: TextTable.pairs(rows + [("written to", png)]))
  }
}
