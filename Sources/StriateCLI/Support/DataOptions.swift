import ArgumentParser
import Striate

/// How images become samples, on the command line; what is not given follows from data and model.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How each epoch changes training images (none).",
      discussion: """
        Presets and transforms joined by commas, such as cifar,cutout(8) or \
        random-resized-crop(scale=0.35..1),flip,color-jitter(0.4). \
        Presets: none, \(Pipeline.presets.map(\.name).joined(separator: ", ")). \
        Transforms: \(Pipeline.grammar.map(\.name).joined(separator: ", ")).
        """))
  var augment: String?

  @Option(
    help: "The share of the training images held out to measure on, in each class (none).")
  var valSplit: Double?

  @Option(help: "Threads that read and change images.")
  var workers: Int?

  @OptionGroup var sizing: SizingOptions

  @Option(
    help: "The mean subtracted from each channel, as 0.485,0.456,0.406, or 'measured' on the data.")
  var mean: String?

  @Option(help: "The deviation each channel is divided by, as 0.229,0.224,0.225.")
  var std: String?

  func validate() throws {
    if let workers, !(0...256).contains(workers) {
      throw ValidationError("--workers must be from 0 to 256, found \(workers)")
    }
    if let valSplit, !(valSplit > 0 && valSplit < 1) {
      throw ValidationError("--val-split must be between 0 and 1, found \(valSplit)")
    }
    _ = try normalization()
  }

  /// Refuses channels that photographs do not have.
  func checkPhotographs() throws {
    try sizing.checkPhotographs()
    for (name, text) in [("mean", mean), ("std", std)] {
      let count = text?.split(separator: ",").count ?? 1
      guard count == 1 || count == 3 else {
        throw ValidationError(
          "--\(name) takes 1 or 3 numbers joined by commas, found '\(text ?? "")'")
      }
    }
  }

  /// The settings with what is given here.
  func applied(to config: TrainingConfig) throws -> TrainingConfig {
    var config = config
    if let augment {
      do {
        config.augmentation = try Pipeline(augment).description
      } catch {
        throw ValidationError("--augment \(error)")
      }
    }
    config.preparation = sizing.applied(to: config.preparation)
    config.preparation.validation = valSplit ?? config.preparation.validation
    config.preparation.normalization = try normalization() ?? config.preparation.normalization
    return config
  }

  /// Threads that read samples of data.
  func workers(for data: DataSplits) -> Int {
    if let workers { return workers }
    // Images cost much to decode; bytes in memory next to nothing.
    return data.preprocessing == nil ? 1 : max(CPUBackend.availableCores - 1, 1)
  }

  private func normalization() throws -> DataPreparation.Normalization? {
    if mean == "measured" {
      guard std == nil else {
        throw ValidationError("--mean measured measures the deviation too; leave --std out")
      }
      return .measured
    }
    guard let mean, let std else {
      if mean != nil || std != nil { throw ValidationError("give both --mean and --std") }
      return nil
    }
    func numbers(_ text: String, _ name: String) throws -> [Float] {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let values = parts.compactMap { Float($0) }.filter(\.isFinite)
      guard values.count == parts.count else {
        throw ValidationError("--\(name) takes numbers joined by commas, found '\(text)'")
      }
      return values
    }
    let deviations = try numbers(std, "std")
    let means = try numbers(mean, "mean")
    guard deviations.allSatisfy({ $0 > 0 }), means.count == deviations.count else {
      throw ValidationError(
        "--std takes as many positive numbers as --mean has, found '\(std)'")
    }
    return .given(mean: means, std: deviations)
  }
}

/// What is done with image files that cannot be read or prepared.
struct BadFilesOption: ParsableArguments {
  @Option(help: "What is done with image files that cannot be read: fail or skip (fail).")
  var badFiles: BadFiles?
}

/// The extent of samples, and what is done with files that cannot be read.
struct SizingOptions: ParsableArguments {
  @Option(help: "The shape of one sample of images, as C,H,W (the data's or the model's).")
  var input: InputShape?

  @Option(
    help: """
      Pixels the shorter side is resized to before the middle is cut out; 0 resizes to fit \
      (8/7 of the input from 128 pixels on, else the input).
      """)
  var valResizeSize: Int?

  @Option(
    help:
      "How resized images get their values: \(Interpolation.allCases.map(\.rawValue).joined(separator: ", ")) (bilinear)."
  )
  var interpolation: Interpolation?

  @Option(
    help: """
      Which side is resampled first: width-first, as Pillow up to 12.3, with which published weights were trained, or \
      pillow-13, as Pillow 13.0 does: the height where rows are lost, and more than twice as many as columns, else the \
      width (width-first, or what the weights say).
      """)
  var resizeOrder: ResizeOrder?

  @OptionGroup var faults: BadFilesOption

  func validate() throws {
    if let valResizeSize, !(0...65536).contains(valResizeSize) {
      throw ValidationError("--val-resize-size must be from 0 to 65536, found \(valResizeSize)")
    }
    if let shape = input?.shape, shape.rank != 3 || shape[0] > 1024 {
      throw ValidationError("--input of images takes C,H,W, found \(shape)")
    }
  }

  /// Refuses channels that photographs do not have.
  func checkPhotographs() throws {
    if let shape = input?.shape, shape[0] != 1 && shape[0] != 3 {
      throw ValidationError(
        "--input of images takes C,H,W with 1 or 3 channels, found \(shape); more have networks for segmentation"
      )
    }
  }

  func applied(to preparation: DataPreparation) -> DataPreparation {
    var preparation = preparation
    preparation.input = input?.shape ?? preparation.input
    preparation.resizeSize = valResizeSize ?? preparation.resizeSize
    preparation.interpolation = interpolation ?? preparation.interpolation
    preparation.resizeOrder = resizeOrder ?? preparation.resizeOrder
    preparation.badFiles = faults.badFiles ?? preparation.badFiles
    return preparation
  }
}

extension Interpolation: ExpressibleByArgument {}
extension BadFiles: ExpressibleByArgument {}
extension ResizeOrder: ExpressibleByArgument {}
