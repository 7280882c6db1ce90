import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

extension Trainer {
  /// A training of a network for any task.
  ///
  /// - Throws: `TrainingError` where a setting makes no sense, or the task measures nothing of the name of
  ///   `config.monitor`.
  public init<M: Model, T: LearningTask>(
    _ model: M, task: T, data: DataSplits, config: TrainingConfig, on device: Device,
    options: Options = Options()
  ) throws where M.Input == Tensor, M.Output == T.Output {
    try self.init(
      Objective(model, task: task), data: data, config: config, on: device, options: options)
  }

  /// A training of any objective: a network of several inputs, say.
  ///
  /// - Throws: `TrainingError` where a setting makes no sense, or the task measures nothing of the name of
  ///   `config.monitor`.
  public init(
    _ objective: Objective, data: DataSplits, config: TrainingConfig, on device: Device,
    options: Options = Options()
  ) throws {
    try self.init(
      objective, data: data, config: config, on: device, options: options, optimizer: nil)
  }

  /// A training with an optimiser of one's own in place of the settings'.
  ///
  /// - Throws: `TrainingError` where a setting makes no sense.
  public init(
    _ model: some Layer, data: DataSplits, config: TrainingConfig, on device: Device,
    options: Options = Options(), optimizer: any Optimizer
  ) throws {
    let loss = CrossEntropyLoss(smoothing: config.smoothing)
    try self.init(
      Objective(model, loss: loss), data: data, config: config, on: device, options: options,
      optimizer: optimizer)
  }

  /// A training by a loss of one's own, and where wanted an optimiser.
  ///
  /// ```swift
  /// let trainer = try Trainer(model, data: data, config: config, on: .best) { answer, labels in
  ///   focal(answer, labels).mean()
  /// }
  /// ```
  ///
  /// - Parameter loss: the mean loss of answers `[N, C]` for labels `[N]`, i32; a scalar.
  /// - Throws: `TrainingError` where a setting makes no sense.
  public init(
    _ model: some Layer, data: DataSplits, config: TrainingConfig, on device: Device,
    options: Options = Options(), optimizer: (any Optimizer)? = nil,
    loss: @escaping @Sendable (_ answer: Tensor, _ labels: Tensor) -> Tensor
  ) throws {
    let objective = Objective(model) { answer, labels in
      Judgement(logits: answer, loss: loss(answer, labels))
    }
    try self.init(
      objective, data: data, config: config, on: device, options: options,
      optimizer: optimizer)
  }

  /// All else of the update is as the settings say: groups, clipping, accumulation, average, mixing.
  private init(
    _ objective: Objective, data: DataSplits, config: TrainingConfig, on device: Device,
    options: Options, optimizer: (any Optimizer)?
  ) throws {
    var options = options
    if let optimizer {
      // A checkpoint says by which optimiser it was made, so that resuming with another is noticed.
      options.environment["optimizer"] = "\(optimizer)"
    }
    let rule = config.makeRule(
      objective, samples: data.train, optimizer: optimizer, on: device)
    try self.init(rule: rule, data: data, config: config, options: options)
  }
}
