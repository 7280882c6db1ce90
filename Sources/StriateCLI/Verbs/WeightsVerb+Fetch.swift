import ArgumentParser
import Striate

struct WeightsListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The trained weights that are published for networks.",
    discussion: """
      Those of torchvision, its default for each network first. Top-1 is the published accuracy on ILSVRC's \
      validation images.
      """)

  @Argument(help: "Only those of this network.", completion: .models)
  var model: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let models = try model.map { [try PublishedWeights.find($0).model] } ?? Catalog.all.map(\.id)
    let all = models.flatMap(PublishedWeights.of)
    var table = TextTable(
      [("model", .left), ("tag", .left), ("top-1 %", .right), ("input", .right), ("file", .left)],
      columns: TerminalStyle.output.limit, shortening: [4])
    for weights in all {
      table.add([
        weights.model, weights.tag.rawValue, Numbers.fixed(weights.accuracy, 3), "\(weights.crop)",
        weights.isFetched ? "\(weights.file) (here)" : weights.file,
      ])
    }
    try output.show(.array(all.map(\.json)), text: table.text)
  }
}

struct WeightsFetchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Downloads published weights with curl and checks them.",
    discussion: """
      They go to $STRIATE_WEIGHTS, or to ~/.local/share/striate/weights. A download that was cut off goes on where \
      it ended.
      """)

  @Argument(help: "The network, such as resnet50.", completion: .models)
  var model: String

  @Option(help: "Which of its weights, such as IMAGENET1K_V1; by default torchvision's default.")
  var tag: String?

  @Option(help: "The folder to put the file into.", completion: .directory)
  var outputDir: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let weights = try PublishedWeights.find(model, tag: tag)
    guard let folder = outputDir ?? PublishedWeights.folder else {
      throw InspectError(
        .usage, "neither STRIATE_WEIGHTS nor HOME is set; give --output-dir FOLDER")
    }
    try Files.makeFolder(folder)
    let path = "\(folder)/\(weights.file)"
    let fetch = FileFetch(
      file: PublishedFile(address: weights.address, name: weights.file, sha256: weights.checksum),
      path: path, showsProgress: !output.quiet, note: output.note)
    let isNew = !fetch.isThere
    try fetch.run()
    guard case .object(var json) = weights.json else { return }
    json["path"] = JSON(path)
    json["fetched"] = JSON(isNew)
    try output.show(
      .object(json),
      text: "\(model) \(weights.tag.rawValue): \(isNew ? "fetched as" : "already") \(path)")
  }
}

extension PublishedWeights {
  /// The folder that weights are fetched into; nil where nothing says where the user's things are.
  fileprivate static var folder: String? {
    InputFile.environment("STRIATE_WEIGHTS")
      ?? InputFile.environment("HOME").map { "\($0)/.local/share/striate/weights" }
  }

  /// Whether the file lies in that folder.
  fileprivate var isFetched: Bool { Self.folder.map { InputFile.exists("\($0)/\(file)") } ?? false }

  fileprivate var json: JSON {
    [
      "model": JSON(model), "tag": JSON(tag.rawValue), "file": JSON(file), "address": JSON(address),
      "sha256_begins": JSON(checksum), "acc1": JSON(accuracy), "resize": JSON(resize),
      "crop": JSON(crop), "interpolation": JSON(sampling.rawValue),
    ]
  }
}
