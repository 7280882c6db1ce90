import StriateCore
import StriateData
import StriateFormats

/// Writes what happens in a run to an event file in its folder, for `tensorboard --logdir`.
///
/// Scalars `Loss/train`, `Loss/val`, and for what the task measures, of a classifier `Acc@1/train`, `Acc@1/val`
/// (percent), an epoch; `Loss/step`, `Acc@1/step`, `LR` and `images_per_sec` also between; the gradient's norm where it is
/// computed, `…/val_averaged` where weights are averaged; a histogram of every weight an epoch; a sheet of
/// training images once and one of test images that were answered wrongly an epoch; the settings as text.
/// Where samples are held out, `…/test` is the test at the end. It only looks: the run's bytes are the same without it.
///
/// ```swift
/// let board = TensorBoardLog(folder, config: config, data: data)
/// options.observesAnswers = true
/// options.observe = { try board.observe($0) }
/// ```
public final class TensorBoardLog {
  private let folder: RunFolder
  private let config: TrainingConfig
  private let data: DataSplits
  private var writer: EventFileWriter?
  private var firstStep = 0
  private var plan = RunPlan(epochs: 0, stepsPerEpoch: 0)
  private var mistakes: MistakeSheet
  private var saysWhyNoImages = true

  /// A log in the run's folder; its file is begun with the first record.
  public init(_ folder: RunFolder, config: TrainingConfig, data: DataSplits) {
    self.folder = folder
    self.config = config
    self.data = data
    mistakes = MistakeSheet(data)
  }

  /// Records an event.
  ///
  /// - Throws: `TrainingError` where the file cannot be written: the run ends, as it does where its other
  ///   files cannot be.
  public func observe(_ event: TrainingEvent) throws {
    do {
      try record(event)
    } catch let error as FormatError {
      throw TrainingError(.storage, "\(error)", cause: error)
    }
  }

  private func record(_ event: TrainingEvent) throws {
    switch event {
    case .started(let plan, let after):
      self.plan = plan
      firstStep = after == 0 ? 0 : after + 1
      if after == 0 {
        try write([.init("config/text_summary", .text(markdown))], step: 0)
        if data.train.hasImages { try write(image("samples/train", samples()), step: 0) }
      }
    case .logged(let line): try write(scalars(line), step: line.step)
    case .tested(let tested): try mistakes.add(tested)
    case .weights(let report):
      // One record a tensor, so that a large network takes no more memory than its largest tensor.
      for (name, tensor) in report.weights {
        try write([.init("weights/\(name)", .histogram(Histogram(tensor)))], step: report.step)
      }
      try write(image("mistakes/val", mistakes.render()), step: report.step)
      mistakes = MistakeSheet(data)
      // A checkpoint promises that what is recorded up to its step is on the disk.
      try writer?.sync()
    case .stepped, .epoch, .saved, .stopped, .warning, .ended: break
    }
  }

  private func write(_ values: [TensorBoardEvent.Tagged], step: Int) throws {
    if values.isEmpty { return }
    let open = try writer ?? EventFileWriter(folder: folder.path, firstStep: firstStep)
    writer = open
    try open.write(values, step: step)
  }

  // MARK: Values

  private func scalars(_ line: MetricsLine) -> [TensorBoardEvent.Tagged] {
    let isEpoch = line.step == line.epoch * plan.stepsPerEpoch
    let split =
      switch line.split {
      case .train: isEpoch ? "train" : "step"
      case .val: "val"
      case .test: data.isHeldOut ? "test" : "val"
      }
    var values: [TensorBoardEvent.Tagged] = [
      .init("Loss/\(split)", .scalar(Float(line.loss)))
    ]
    values += line.metrics.map { .init("\($0.tag)/\(split)", .scalar(Float($0.number))) }
    values += line.averaged.map { .init("\($0.tag)/val_averaged", .scalar(Float($0.number))) }
    if let norm = line.gradientNorm { values.append(.init("gradient_norm", .scalar(Float(norm)))) }
    if line.split == .train {
      values += [
        .init("LR", .scalar(Float(line.learningRate))),
        .init("images_per_sec", .scalar(Float(line.imagesPerSecond))),
      ]
    }
    return values
  }

  /// An image as a value; where libpng is missing, a text that says so, once.
  private func image(_ tag: String, _ image: Image?) throws -> [TensorBoardEvent.Tagged] {
    guard let image else { return [] }
    do throws(DataError) {
      let png = try image.rgb().png()
      return [.init(tag, .image(width: image.width, height: image.height, png: png))]
    } catch {
      defer { saysWhyNoImages = false }
      return saysWhyNoImages ? [.init("images/text_summary", .text("no images: \(error)"))] : []
    }
  }

  /// The first training images.
  private func samples() throws -> Image? {
    let tiles = try (0..<min(MistakeSheet.count, data.train.count)).map { index in
      guard data.train.isLabelled else {
        let input = try data.train.example(index)[0]
        return ContactSheet.Tile(try Image(input, mean: data.mean, std: data.std), prediction: "")
      }
      let (image, label) = try data.train.image(at: index, mean: data.mean, std: data.std)
      return ContactSheet.Tile(image, prediction: data.train.className(label))
    }
    return tiles.isEmpty ? nil : try MistakeSheet.layout.render(tiles)
  }

  private var markdown: String {
    let rows = config.json.object?.map { "| \($0.name) | `\($0.value)` |" } ?? []
    return (["| setting | value |", "|---|---|"] + rows).joined(separator: "\n")
  }
}
