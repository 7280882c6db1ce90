import ArgumentParser
import Striate

struct EvalVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Tests trained weights on the test samples of a data set.")

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A .safetensors file, or a run folder: its best checkpoint, else its last.",
    completion: .file())
  var weights: String

  @Option(help: "The data, such as fashion-mnist or idx:FOLDER#PREFIX.", completion: .data)
  var data: String

  @Option(help: "The task: classify or segment; the weights or the network say it (auto).")
  var task: TaskChoice?

  @Option(help: "The number of classes; by default as many as the weights have.")
  var classes: Int?

  @Option(
    help: """
      What of an image the network sees, its probabilities averaged: \
      \(ImageViews.known.joined(separator: ", ")) (center).
      """, transform: { try ImageViews($0) })
  var views = ImageViews.center

  @Option(
    help: """
      Whose names the network's classes have: the weights' (those of ImageNet, of a thousand without names), by which \
      the data's are found, or the data's, in their order (weights).
      """)
  var classNames = ClassNames.weights

  @Option(
    help: """
      What of a class in macro averages that neither occurs nor is answered: omit leaves it out, zero counts it as 0 \
      (omit).
      """)
  var absentClasses = ConfusionMatrix.AbsentClasses.omit

  @Flag(help: "Show how often each class was taken for each other one.")
  var confusion = false

  @Option(help: "Write the confusion matrix to this file as comma-separated values.")
  var confusionCsv: String?

  @OptionGroup var reading: ReadingOptions
  @OptionGroup(title: "Images") var images: SizingOptions

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    if try TaskChoice.isSegmenter(task, model, weights: weights) {
      return try SegmentationEval(verb: self).run()
    }
    var known = try TrainedModel.describe(model, weights: weights)
    if classNames == .data { known.metadata.classes = [] }
    var choices = images.applied(to: DataPreparation())
    choices.validation = reading.valSplit
    let test = try TestData(
      data, for: known.metadata, input: known.input, choices: choices, seed: reading.seed)
    let splits = test.splits
    let trained = try TrainedModel(
      model, weights: weights, classes: classes, input: splits.test.inputShape)
    output.noteNames(of: trained)
    for line in splits.notes { Output.warning(line) }
    if classNames == .weights { try ClassCheck.check(trained.metadata, against: splits) }
    if test.isWhole {
      output.note(
        "\(splits.name) has no test split: all of it is tested on; --val-split F takes the part that "
          + "the training held out")
    }
    if let preprocessing = splits.preprocessing {
      output.note("images as \(preprocessing.summary)")
    }
    let device = try device.find()
    output.note("testing \(trained.entry.id) on \(splits.test.count) images on \(device.id)")
    let result = try Evaluation(
      trained.model, weights: trained.weights, data: splits.test,
      batchSize: reading.batchSize ?? 256,
      views: views, badFiles: images.faults.badFiles ?? .fail, classNames: splits.test.classNames,
      threads: reading.threads(for: splits),
      on: device)
    if let confusionCsv { try AtomicFile.write(result.confusionCSV, to: confusionCsv) }
    for file in result.left { Output.warning("left out what has no such views: \(file)") }
    var json = result.json(absent: absentClasses)
    if confusion { json["confusion"] = result.confusionJSON }
    json["model"] = JSON(trained.entry.id)
    json["weights"] = JSON(trained.path)
    json["views"] = JSON(views.description)
    json["data"] = JSON(splits.name)
    json["device"] = JSON(device.id)
    try output.show(.object(json), text: text(result, trained, isHeldOut: splits.isHeldOut))
  }

  private func text(
    _ result: Evaluation, _ trained: TrainedModel, isHeldOut: Bool
  ) -> String {
    var table = TextTable(
      [
        ("class", .left), ("images", .right), ("correct", .right), ("precision", .right),
        ("F1", .right), ("AUROC", .right), ("AUPRC", .right),
      ], columns: TerminalStyle.output.limit, shortening: [0])
    for entry in result.classes {
      let share = entry.accuracy.map { Numbers.percent($0) } ?? "–"
      table.add([
        entry.name, "\(entry.images)", share, Numbers.percent(entry.scores.precision),
        Numbers.fixed(entry.scores.f1, 4), area(entry.auroc), area(entry.auprc),
      ])
    }
    let macro = result.confusion.average(.macro, absent: absentClasses)
    let absent = result.classes.count - result.confusion.seenClasses
    let rule =
      absent == 0
      ? ""
      : " (\(Numbers.counted(absent, "absent class", "absent classes")) "
        + (absentClasses == .omit ? "left out)" : "counted as 0)")
    let sums = TextTable.pairs([
      ("weights", trained.path),
      (isHeldOut ? "held-out accuracy" : "test accuracy", Numbers.percent(result.accuracy)),
      ("among first 5", Numbers.percent(result.topFive)),
      ("loss", Numbers.fixed(result.loss, 4)), ("mean F1", Numbers.fixed(macro.f1, 4) + rule),
      ("mean AUROC", area(result.auroc)), ("mean AUPRC", area(result.auprc)),
      ("images/s", Numbers.grouped(Int(result.imagesPerSecond))),
    ])
    let matrix = confusion ? "\n\n\(result.confusionText)" : ""
    return "\(table.text)\(matrix)\n\n\(sums)"
  }

  private func area(_ value: Double?) -> String { value.map { Numbers.fixed($0, 4) } ?? "–" }
}

/// Whose names the classes of a network have.
enum ClassNames: String, ExpressibleByArgument, CaseIterable {
  case weights, data
}

extension ConfusionMatrix.AbsentClasses: ExpressibleByArgument {}
