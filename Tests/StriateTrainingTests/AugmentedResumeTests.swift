import StriateCore
import StriateData
import StriateFormats
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// Training on images that each epoch changes.
@Suite struct AugmentedResumeTests {
  /// Grey images of the ring and what is around it.
  private struct Circles: ImageDataset {
    let count = 22
    let classNames = ["inner", "outer"]

    func image(at index: Int, minimum: Int?) throws -> Image {
      try Image(
        width: 9, height: 7, channels: 1,
        pixels: (0..<63).map { cell in
          let inner = (3...5).contains(cell % 9) && (2...4).contains(cell / 9)
          return UInt8((inner == (index % 2 == 0) ? 180 : 20) + (index * 31 + cell * 17) % 60)
        })
    }
    func label(at index: Int) throws -> Int32 { Int32(index % 2) }
    func name(at index: Int) -> String { "circle#\(index)" }
  }

  private func splits(_ augmentation: String) throws -> DataSplits {
    let preprocessing = try Preprocessing(
      input: [1, 4, 4], resizeSize: 5, interpolation: .bicubic, mean: [0.4], std: [0.3])
    var splits = DataSplits(
      train: TransformedDataset(
        Circles(), preprocessing, augmentation: try Pipeline(augmentation)),
      test: TransformedDataset(Circles(), preprocessing), name: "circles", mean: [0.4], std: [0.3])
    splits.preprocessing = preprocessing
    return splits
  }

  private func run(
    _ folder: String, threads: Int, stopAfter: Int? = nil, resuming: Bool = false
  ) throws -> TrainingResult {
    let augmentation = "random-resized-crop,flip,color-jitter(0.4),cutout(2)"
    let config = tinyConfig { $0.augmentation = augmentation }
    var steps = 0
    let trainer = try tinyTrainer(config, data: splits(augmentation)) {
      $0.loaderThreads = threads
      $0.shouldStop = {
        steps += 1
        return steps == stopAfter
      }
    }
    return try trainer.run(in: RunFolder(folder), resuming: resuming)
  }

  @Test func stoppedAndResumedOnOtherThreadsEndsWithTheSameBytes() throws {
    let scratch = try Scratch()
    let whole = try run("\(scratch.path)/whole", threads: 1)
    let part = "\(scratch.path)/part"
    #expect(try run(part, threads: 4, stopAfter: 8).outcome == .interrupted)
    let end = try run(part, threads: 3, resuming: true)
    #expect(end.outcome == .finished)
    #expect(try InputFile.contents(whole.weights) == InputFile.contents(end.weights))
    let texts = try Safetensors.read(end.weights).metadata
    #expect(texts["input_size"] == "[1,4,4]" && texts["crop_pct"] == "0.8")
    #expect(texts["interpolation"] == "bicubic" && texts["crop_mode"] == "center")
    let known = WeightsMetadata(texts: texts).preprocessing
    #expect(try known == splits("none").preprocessing)
  }

  @Test func settingsKeepThePreparation() throws {
    var config = tinyConfig { $0.augmentation = "cifar" }
    #expect(config.json["preparation"] == nil)
    #expect(try TrainingConfig(config.json) == config)
    config.preparation.input = [3, 32, 48]
    config.preparation.resizeSize = 0
    config.preparation.interpolation = .lanczos
    config.preparation.normalization = .given(
      mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    config.preparation.validation = 0.1
    config.preparation.badFiles = .skip
    #expect(try TrainingConfig(JSON(parsing: config.json.text())) == config)
    config.preparation.normalization = .measured
    #expect(try TrainingConfig(JSON(parsing: config.json.text())) == config)
    for bad: JSON in [
      ["input": [3, 32]], ["interpolation": "cubic"], ["mean": [0.5]], ["val_split": "a"], 7,
    ] {
      var members = try #require(tinyConfig().json.object)
      members["preparation"] = bad
      #expect(throws: TrainingError.self) { try TrainingConfig(.object(members)) }
    }
  }

  /// Weights of others say a share instead of pixels.
  @Test(arguments: [
    ("0.875", 256), ("1.0", 224), ("0.95", 235), ("0", nil), ("x", 224),
  ]) func readsForeignConfigurations(_ share: String, _ resize: Int?) {
    let known = WeightsMetadata(texts: [
      "input_size": "[3,224,224]", "crop_pct": share, "interpolation": "bicubic",
      "mean": "[0.5,0.5,0.5]", "std": "[0.5,0.5,0.5]",
    ]).preprocessing
    #expect(known?.resizeSize == resize)
    #expect(known?.interpolation == .bicubic)
  }
}
