import StriateData
import StriateModels
import StriateRuntime
import StriateTraining

extension Trainer {
  /// A training of the Neocognitron by its own rule; `config.rule` names how its middle stages learn, a `PlaneRule`.
  ///
  /// - Throws: `TrainingError` where there are too few epochs for all stages, or a setting makes no sense.
  public init(
    _ network: Neocognitron, data: DataSplits, config: TrainingConfig,
    on device: Device, options: Options = Options()
  ) throws {
    guard config.epochs >= NeocognitronRule.leastPasses else {
      throw TrainingError(
        .invalidSetting,
        "the Neocognitron learns a stage a pass and needs at least \(NeocognitronRule.leastPasses) epochs, "
          + "found \(config.epochs)")
    }
    try config.requireNoGradients()
    guard let rule = PlaneRule(rawValue: config.rule ?? PlaneRule.addIfSilent.rawValue) else {
      throw TrainingError(
        .invalidSetting,
        "the Neocognitron has no rule '\(config.rule ?? "")'; expected one of "
          + PlaneRule.allCases.map(\.rawValue).joined(separator: ", "))
    }
    try self.init(
      rule: NeocognitronRule(
        network, planeRule: rule, samples: data.train.count, batchSize: config.batchSize,
        on: device),
      data: data, config: config, options: options)
  }

  /// A training of the Neocognitron of 1983 or 1988, which its teacher does at the beginning; passes only measure.
  ///
  /// - Throws: `TrainingError` where a setting makes no sense.
  public init(
    _ network: TaughtNeocognitron, data: DataSplits, config: TrainingConfig,
    on device: Device, options: Options = Options()
  ) throws {
    try config.requireNoGradients()
    if let rule = config.rule {
      throw TrainingError(
        .invalidSetting, "\(config.model) is taught plane by plane and has no rule '\(rule)'")
    }
    try self.init(
      rule: TaughtNeocognitronRule(network, samples: data.train, on: device), data: data,
      config: config, options: options)
  }
}

extension TrainingConfig {
  /// Refuses what only gradients have a use for.
  fileprivate func requireNoGradients() throws {
    let unfit = [
      ("frozen layers", !frozen.isEmpty), ("accumulated gradients", accumulation > 1),
      ("mixed samples", mixing.isOn), ("averaged weights", average != nil),
    ].filter(\.1).map(\.0)
    guard unfit.isEmpty else {
      throw TrainingError(
        .invalidSetting,
        "the Neocognitron learns without gradients and has no \(unfit.joined(separator: ", "))")
    }
  }
}
