import Striate

/// The task of a network for segmentation as settings and training masks make it.
enum SegmentationTraining {
  /// - Throws: `TrainingError` where a loss is not known, or the weights do not fit the classes or the loss.
  static func task(
    _ config: TrainingConfig, _ data: DataSplits, classes: Int
  ) throws -> Segmentation {
    guard let loss = SegmentationLoss(config.loss ?? SegmentationLoss.crossEntropy.description)
    else {
      throw TrainingError(.invalidSetting, "there is no loss '\(config.loss ?? "")'")
    }
    let weights = try weights(config.classWeights, data, classes)
    if weights != nil, !loss.takesWeights {
      throw TrainingError(
        .invalidSetting,
        "weights of classes count in ce and focal, not in \(loss); take --loss ce+\(loss), or leave --class-weights out"
      )
    }
    return Segmentation(classes: classes, weights: weights, loss: loss)
  }

  private static func weights(
    _ choice: ClassWeights?, _ data: DataSplits, _ classes: Int
  ) throws -> [Double]? {
    switch choice {
    case nil: return nil
    case .given(let numbers):
      guard numbers.count == classes else {
        throw TrainingError(
          .mismatch,
          "--class-weights gives \(Numbers.counted(numbers.count, "number")), \(data.name) has \(classes) classes"
        )
      }
      return numbers
    case .balance(let rule):
      guard let masks = data.masks?.train else {
        throw TrainingError(.mismatch, "\(data.name) has no masks to count classes in")
      }
      let (pixels, area) = try masks.pixels(classes: classes)
      return rule.weights(pixels: pixels, area: area)
    }
  }
}
