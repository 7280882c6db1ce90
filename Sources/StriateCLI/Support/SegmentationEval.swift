import Striate

/// `striate eval` of a network for segmentation.
struct SegmentationEval {
  let verb: EvalVerb

  func run() throws {
    if verb.views != .center || verb.confusion || verb.confusionCsv != nil {
      throw InspectError(
        .usage, "--views, --confusion and --confusion-csv are for classifiers; leave them out")
    }
    let trained = try TrainedSegmenter(verb.model, weights: verb.weights, classes: verb.classes)
    for line in trained.notes { verb.output.note(line) }
    var request = DataSource.Request()
    var choices = verb.images.applied(to: DataPreparation())
    choices.validation = verb.reading.valSplit
    request.preparation = try trained.metadata.preprocessing?.choices(choices) ?? choices
    request.seed = verb.reading.seed
    request.modelInput = trained.input
    request.allowsOneSplit = true
    let source = try DataSource.parse(verb.data)
    guard source.isOfMasks else {
      throw InspectError(
        .mismatch,
        "\(trained.entry.id) answers every pixel and is tested on images with masks, as segfolder:FOLDER"
      )
    }
    let splits = try source.load(request)
    for line in splits.notes { Output.warning(line) }
    let own = splits.test.classNames
    if !trained.metadata.classes.isEmpty, own.count > trained.classes {
      throw InspectError(
        .mismatch,
        "\(splits.name) has \(own.count) classes, the weights tell \(trained.classes) apart")
    }
    let device = try verb.device.find()
    verb.output.note(
      "testing \(trained.entry.id) on \(Numbers.counted(splits.test.count, "image")) on \(device.id)"
    )
    let names = trained.metadata.classes.isEmpty ? own : trained.metadata.classes
    func measured(_ model: some SegmentationNetwork) throws -> SegmentationScore {
      try SegmentationScore(
        model, weights: trained.weights, classes: trained.classes, data: splits.test,
        batchSize: verb.reading.batchSize ?? 4, classNames: names,
        threads: verb.reading.threads(for: splits), on: device)
    }
    let score = try measured(trained.model)
    var json = score.json
    let size = splits.test.inputShape
    var setting: JSONObject = [
      "size": .array(size.dims.dropFirst().map { JSON($0) }), "classes": JSON(trained.classes),
      "ignore_index": JSON(splits.masks?.test.images.ignoring ?? MaskedImages.usualIgnored),
      "masks": "resized with their images, by the nearest pixel",
      "split": JSON(splits.isHeldOut ? "val" : splits.isOneSplit ? "all" : "test"),
      "boundary_tolerance": JSON(score.boundaries.tolerance),
    ]
    if let masks = splits.masks?.test {
      setting["split_hash"] = JSON(try SplitHash.hex(of: masks))
      if masks.images.coding == .instances {
        let found = try instances(masks, trained, device)
        json["ap"] = number(found?.precision.average)
        json["ap50"] = number(found?.precision.at50)
        json["ap75"] = number(found?.precision.at75)
        setting["instances"] = [
          "objects": "connected parts of class 1 at the extent of each image",
          "connectivity": JSON(InstanceScore.connectivity.rawValue),
          "thresholds": .array(InstancePrecision.thresholds.map { JSON($0) }),
        ]
      }
    }
    json["protocol"] = .object(setting)
    json["task"] = JSON(score.task.name)
    json["model"] = JSON(trained.entry.id)
    json["weights"] = JSON(trained.path)
    json["data"] = JSON(splits.name)
    json["device"] = JSON(device.id)
    try verb.output.show(.object(json), text: text(score, trained, splits, json))
  }

  private func number(_ value: Double?) -> JSON { value.map { JSON($0) } ?? .null }

  /// How objects are found; nil where the network does not answer whole images.
  private func instances(
    _ masks: MaskedSelection, _ trained: TrainedSegmenter, _ device: Device
  ) throws -> InstanceScore? {
    guard trained.metadata.preprocessing?.resizeSize == nil, trained.entry.margin == 0 else {
      Output.warning(
        "objects are counted where whole images are answered; these weights answer their middle: no average precision"
      )
      return nil
    }
    return try InstanceScore(masks, by: Segmenter(trained, on: device))
  }

  private func text(
    _ score: SegmentationScore, _ trained: TrainedSegmenter, _ splits: DataSplits,
    _ json: JSONObject
  ) -> String {
    var table = TextTable(
      [
        ("class", .left), ("pixels", .right), ("IoU", .right), ("Dice", .right),
        ("accuracy", .right),
      ],
      columns: TerminalStyle.output.limit, shortening: [0])
    func number(_ value: Double?) -> String { value.map { Numbers.fixed($0, 4) } ?? "–" }
    let size = splits.test.inputShape
    if let confusion = score.confusion {
      let (iou, dice, accuracy) = (confusion.iou, confusion.dice, confusion.accuracy)
      for (index, pixels) in confusion.support.enumerated() {
        table.add([
          score.className(index), Numbers.grouped(pixels), number(iou[index]), number(dice[index]),
          number(accuracy[index]),
        ])
      }
    }
    var lines = [("weights", trained.path)]
    lines += score.task.metrics.map { ($0.title, $0.text($0.value(score.sums))) }
    lines.append(("boundary F", number(score.boundaries.mean)))
    for (name, title) in [("ap", "AP"), ("ap50", "AP at 0.5"), ("ap75", "AP at 0.75")] {
      if let value = json[name] { lines.append((title, number(value.double))) }
    }
    let ignored = splits.masks?.test.images.ignoring ?? MaskedImages.usualIgnored
    lines += [
      ("loss", Numbers.fixed(score.sums.loss, 4)),
      (
        "protocol",
        "\(size[1])×\(size[2]), masks by the nearest pixel, \(trained.classes) classes, \(ignored) ignored"
      ),
      ("images/s", Numbers.fixed(score.imagesPerSecond, 1)),
    ]
    return "\(table.text)\n\n\(TextTable.pairs(lines))"
  }
}
