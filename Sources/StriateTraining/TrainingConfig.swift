import StriateCore

/// Everything that decides what a training computes; two runs with equal settings end with equal bytes.
public struct TrainingConfig: Sendable, Hashable {
  /// The optimisers that settings can name.
  public enum OptimizerKind: String, Sendable, Hashable, CaseIterable { case sgd, adam, adamw }

  /// The model, as the command line names it.
  public var model: String
  /// The data, as the command line names them.
  public var data: String
  /// Passes over the training samples.
  public var epochs: Int
  /// Samples a step.
  public var batchSize: Int
  /// The rule by which gradients change weights.
  public var optimizer: OptimizerKind
  /// The learning rate that the schedule shapes.
  public var learningRate: Double
  /// How the learning rate changes.
  public var schedule: Schedule
  /// SGD's momentum.
  public var momentum: Double
  /// Whether SGD's momentum is Nesterov's.
  public var nesterov: Bool
  /// The strength of weight decay.
  public var weightDecay: Double
  /// The share of the target that is spread over all classes.
  public var smoothing: Double
  /// The seed of first weights, sample order and dropout.
  public var seed: UInt64
  /// How samples are changed before they are learned from; only `none` so far.
  public var augmentation: String
  /// Paths whose parameters stay as they are.
  public var frozen: [String]

  /// Settings; by default SGD with momentum at a constant rate.
  public init(
    model: String = "custom", data: String = "custom", epochs: Int, batchSize: Int = 128,
    optimizer: OptimizerKind = .sgd, learningRate: Double = 0.1, schedule: Schedule = .constant,
    momentum: Double = 0.9, nesterov: Bool = false, weightDecay: Double = 0, smoothing: Double = 0,
    seed: UInt64 = 0, augmentation: String = "none", frozen: [String] = []
  ) {
    self.model = model
    self.data = data
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.smoothing = smoothing
    self.seed = seed
    self.augmentation = augmentation
    self.frozen = frozen
  }

  /// The optimiser that the settings describe.
  public func makeOptimizer() -> any Optimizer {
    switch optimizer {
    case .sgd: SGD(momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    case .adam: Adam(weightDecay: weightDecay)
    case .adamw: Adam.decoupled(weightDecay: weightDecay)
    }
  }

  /// Does nothing where every setting makes sense.
  ///
  /// - Throws: `TrainingError` naming the first that does not.
  public func validate() throws(TrainingError) {
    func check(_ holds: Bool, _ name: String, _ rule: String, _ found: Any) throws(TrainingError) {
      if !holds {
        throw TrainingError(.invalidSetting, "\(name) must be \(rule), found \(found)")
      }
    }
    try check(epochs >= 1 && epochs < 1 << 32, "epochs", "at least 1", epochs)
    try check(batchSize >= 1 && batchSize < 1 << 32, "batch size", "at least 1", batchSize)
    try check(
      learningRate >= 0 && learningRate.isFinite, "learning rate", "at least 0", learningRate)
    try check(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum)
    try check(!nesterov || momentum > 0, "momentum", "above 0 for Nesterov's", momentum)
    try check(
      weightDecay >= 0 && weightDecay.isFinite, "weight decay", "at least 0", weightDecay)
    try check(smoothing >= 0 && smoothing < 1, "label smoothing", "in [0, 1)", smoothing)
    try check(augmentation == "none", "augmentation", "none", augmentation)
    switch schedule {
    case .constant: break
    case .multistep(let milestones, let factor):
      try check(milestones.allSatisfy { $0 >= 0 }, "milestones", "numbers of steps", milestones)
      try check(factor >= 0 && factor.isFinite, "the schedule's factor", "at least 0", factor)
    case .cosine(let minimum):
      try check(minimum >= 0 && minimum.isFinite, "the least rate", "at least 0", minimum)
    case .oneCycle(let warmup, let initial, let final):
      try check(warmup >= 0 && warmup <= 1, "warm-up", "in [0, 1]", warmup)
      try check(initial > 0 && initial.isFinite, "the initial divisor", "positive", initial)
      try check(final > 0 && final.isFinite, "the final divisor", "positive", final)
    }
  }
}
