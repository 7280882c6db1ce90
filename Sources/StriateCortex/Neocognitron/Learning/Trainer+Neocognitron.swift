import StriateData
import StriateModels
import StriateRuntime
import StriateTraining

extension Trainer {
  /// A training of the Neocognitron by its own rule.
  ///
  /// - Parameter rule: how the middle stages learn.
  /// - Throws: `TrainingError` where there are too few epochs for all stages, or a setting makes no sense.
  public init(
    _ network: Neocognitron, rule: PlaneRule, data: DataSplits, config: TrainingConfig,
    on device: Device, options: Options = Options()
  ) throws {
    guard config.epochs >= NeocognitronRule.leastPasses else {
      throw TrainingError(
        .invalidSetting,
        "the Neocognitron learns a stage a pass and needs at least \(NeocognitronRule.leastPasses) epochs, "
          + "found \(config.epochs)")
    }
    try self.init(
      rule: NeocognitronRule(
        network, planeRule: rule, samples: data.train.count, batchSize: config.batchSize,
        on: device),
      data: data, config: config, options: options)
  }
}
