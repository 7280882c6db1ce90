import ArgumentParser
import Striate

struct FeaturesVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "What a layer of a trained network makes of data; a linear probe.",
    discussion: """
      The features of both splits are written as safetensors: train.features [N, D], train.labels, test.features, \
      test.labels. --probe learns a linear classifier from those of the training split and tests it on the others: \
      how well the features tell the classes of the data apart, which may be others than the network's own.
      """)

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A file of weights, or a run folder: its best checkpoint, else its last.",
    completion: .file())
  var weights: String

  @Option(help: "The data, such as imagefolder:FOLDER.", completion: .data)
  var data: String

  @Option(help: "The layer whose output is taken, such as avgpool; list shows all.")
  var layer: String

  @Option(help: "The safetensors file to write.", completion: .file())
  var features: String?

  @Flag(help: "Learn a linear classifier from the features and test it.")
  var probe = false

  @Option(help: "Training samples a class that the probe learns from (all).")
  var shots: Int?

  @OptionGroup var reading: ReadingOptions
  @OptionGroup(title: "Images") var images: SizingOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if features == nil, !probe, layer != "list" {
      throw ValidationError("give --features FILE, --probe, or both")
    }
    if shots != nil, !probe { throw ValidationError("--shots needs --probe") }
    if let shots, shots < 1 { throw ValidationError("--shots must be at least 1, found \(shots)") }
    if let features, !features.hasSuffix(".safetensors") {
      throw ValidationError("--features takes a file named .safetensors, found \(features)")
    }
  }

  func run() throws {
    if layer == "list" { return try list() }
    let known = try TrainedModel.describe(model, weights: weights)
    var choices = images.applied(to: DataPreparation())
    choices.validation = reading.valSplit
    // The data's classes are their own: what the network was trained to tell apart does not matter.
    var metadata = known.metadata
    metadata.classes = []
    let splits = try TestData(
      data, for: metadata, input: known.input, choices: choices, seed: reading.seed
    ).splits
    guard !splits.isOneSplit else {
      throw InspectError(
        .usage, "\(splits.name) has no test split; hold out a part of it with --val-split 0.1")
    }
    let trained = try TrainedModel(
      model, weights: weights, input: splits.test.inputShape, for: .layer(layer))
    output.noteNames(of: trained)
    for line in splits.notes { Output.warning(line) }
    let device = try device.find()
    let threads = reading.threads(for: splits)
    func make(_ data: any Dataset) throws -> Features {
      try Features(
        of: data, trained.model, weights: trained.weights, layer: layer,
        batchSize: reading.batchSize ?? 64,
        threads: threads, on: device)
    }
    let chosen = try shots.map { try splits.train.few($0, seed: reading.seed) } ?? splits.train
    output.note(
      "\(layer) of \(trained.entry.id) on \(chosen.count) and \(splits.test.count) images")
    let (train, test) = (try make(chosen), try make(splits.test))
    if let features { try write(train, test, trained, splits, to: features) }
    var found: LinearProbe?
    if probe {
      found = try LinearProbe(
        train: train, test: test, classes: max(splits.train.classNames.count, classes(train, test)),
        seed: reading.seed, on: device)
    }
    try show(train, test, found, trained, splits)
  }

  /// Shows the layers of the network.
  private func list() throws {
    let trained = try TrainedModel(
      model, weights: weights, input: images.input?.shape, for: .structure)
    let builder = GraphBuilder(
      options: TraceOptions(mode: .inference), naming: Naming(trained.model))
    _ = trained.model(
      builder.input("input", TensorType(.float32, Shape([1] + trained.input.dims))))
    let known = Tap.all(in: try builder.finish())
    var table = TextTable([("layer", .left), ("kind", .left), ("tensor", .left)])
    for (tap, kind, type) in known { table.add([tap.description, kind, "\(type)"]) }
    try output.show(
      .array(known.map { ["layer": JSON($0.tap.description), "shape": $0.type.shape.json] }),
      text: table.text)
  }

  private func classes(_ train: Features, _ test: Features) -> Int {
    Int((train.labels + test.labels).max() ?? 0) + 1
  }

  private func write(
    _ train: Features, _ test: Features, _ trained: TrainedModel, _ splits: DataSplits,
    to path: String
  ) throws {
    var tensors = NamedTensors()
    for (name, part) in [("train", train), ("test", test)] {
      tensors["\(name).features"] = part.values
      tensors["\(name).labels"] = HostTensor(part.labels)
    }
    let classes = JSON.array(splits.train.classNames.map { JSON($0) })
    let metadata = [
      "model": trained.entry.id, "layer": layer, "data": splits.name, "classes": "\(classes)",
    ]
    try Safetensors.write(tensors, metadata: metadata, to: path)
  }

  private func show(
    _ train: Features, _ test: Features, _ probe: LinearProbe?, _ trained: TrainedModel,
    _ splits: DataSplits
  ) throws {
    var json: JSONObject = [
      "model": JSON(trained.entry.id), "layer": JSON(layer), "data": JSON(splits.name),
      "width": JSON(train.width), "train": JSON(train.count), "test": JSON(test.count),
    ]
    var lines = [
      ("layer", "\(layer) of \(trained.entry.id)"), ("features", Numbers.grouped(train.width)),
      ("learned from", Numbers.counted(train.count, "sample")),
      ("tested on", Numbers.counted(test.count, "sample")),
    ]
    if let probe {
      json["probe"] = [
        "train_acc1": JSON(100 * probe.trainAccuracy), "acc1": JSON(100 * probe.testAccuracy),
      ]
      lines.append(("probe, training samples", Numbers.percent(probe.trainAccuracy)))
      lines.append(("probe, test samples", Numbers.percent(probe.testAccuracy)))
    }
    if let features {
      json["features"] = JSON(features)
      lines.append(("written to", features))
    }
    try output.show(.object(json), text: TextTable.pairs(lines))
  }
}
