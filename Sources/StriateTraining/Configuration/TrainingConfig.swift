import StriateCore
import StriateData
import StriateRuntime

/// Everything that decides what a training computes; two runs with equal settings end with equal bytes.
public struct TrainingConfig: Sendable, Hashable {
  /// The optimisers that settings can name.
  public enum OptimizerKind: String, Sendable, Hashable, CaseIterable {
    case sgd, rmsprop, adam, adamw, lars
    /// Stochastic diagonal Levenberg–Marquardt.
    case lm
  }

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
  /// How it rises before that; nil for at once.
  public var warmup: Warmup?
  /// The momentum of SGD, RMSProp and LARS.
  public var momentum: Double
  /// Whether SGD's momentum is Nesterov's.
  public var nesterov: Bool
  /// The strength of weight decay.
  public var weightDecay: Double
  /// The share of the target that is spread over all classes.
  public var smoothing: Double
  /// The seed of first weights, sample order and dropout.
  public var seed: UInt64
  /// How samples are changed before they are learned from, as `Pipeline` reads it; `none` for not at all.
  public var augmentation: String
  /// How images become samples.
  public var preparation = DataPreparation()
  /// Paths whose parameters stay as they are.
  public var frozen: [String]
  /// What RMSProp and Adam add to denominators, and Levenberg–Marquardt to curvatures; nil for the optimiser's own,
  /// 10⁻⁸ and 0.02.
  public var epsilon: Double?
  /// Whether RMSProp adds it under the root, as TensorFlow does.
  public var epsilonInsideRoot = false
  /// The share of the former mean square that RMSProp keeps.
  public var alpha = 0.99
  /// How a network that learns without gradients learns; nil for its usual way.
  public var rule: String?
  /// The path of a convolution of the samples whose first weights whiten their patches; nil for the seed's.
  public var whitening: String?
  /// What is lowered, as the task names its losses; nil for its usual one.
  public var loss: String?
  /// The weights of classes in it; nil counts all alike.
  public var classWeights: ClassWeights?
  /// The weight decay of normalisation layers' parameters; nil for that of all.
  public var normWeightDecay: Double?
  /// The weight decay of biases, those of normalisation included; nil for that of all.
  public var biasWeightDecay: Double?
  /// Parameters with rates or decays of their own; these come after the two above.
  public var groups: [ParameterGroup] = []
  /// How far gradients may go.
  public var clipping = GradientClipping()
  /// Batches whose gradients are averaged for one step.
  public var accumulation = 1
  /// What becomes of a last batch of fewer samples.
  public var dropLast = DropLast.auto
  /// The running average of the weights that is kept, tested and saved beside them; nil for none.
  public var average: WeightAverage?
  /// Whether the gradients' norm is computed at each step.
  public var reportsGradientNorm = false
  /// How the samples of a batch are mixed.
  public var mixing = Mixing()
  /// Epochs between tests; the last epoch is always tested.
  public var evaluateEvery = 1
  /// The number of a test that says which one is best; nil for the first that the task measures.
  public var monitor: Monitor?
  /// Tests without a better one after which the run stops; nil for never.
  public var patience: Int?
  /// By how much a better one must be better to count for `patience`: points of per cent, or of the loss.
  public var minDelta = 0.0

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
    case .rmsprop:
      RMSProp(
        alpha: alpha, epsilon: epsilon ?? 1e-8, momentum: momentum,
        epsilonInsideRoot: epsilonInsideRoot, weightDecay: weightDecay)
    case .adam: Adam(epsilon: epsilon ?? 1e-8, weightDecay: weightDecay)
    case .adamw: Adam.decoupled(epsilon: epsilon ?? 1e-8, weightDecay: weightDecay)
    case .lars: LARS(momentum: momentum, weightDecay: weightDecay)
    case .lm: DiagonalLevenbergMarquardt(damping: epsilon ?? 0.02, weightDecay: weightDecay)
    }
  }

  /// The whole update that the settings describe.
  public func makeUpdateRule() -> UpdateRule {
    var rule = UpdateRule(makeOptimizer())
    if let decay = normWeightDecay {
      rule.groups.append(ParameterGroup(matching: .normalization, weightDecay: decay))
    }
    if let decay = biasWeightDecay {
      rule.groups.append(ParameterGroup(matching: .biases, weightDecay: decay))
    }
    rule.groups += groups
    rule.clipping = clipping
    rule.accumulation = accumulation
    rule.average = average
    rule.reportsNorm = reportsGradientNorm
    return rule
  }

  /// The rule by which a model learns, with all that the settings say.
  ///
  /// - Parameter samples: the training samples.
  func makeRule(
    _ objective: Objective, samples: any Dataset, optimizer: (any Optimizer)? = nil,
    on device: Device
  ) -> any TrainingRule {
    var update = makeUpdateRule()
    if let optimizer { update.optimizer = optimizer }
    let descent = GradientDescent(
      objective, rule: update, mixing: mixing.isOn ? mixing : nil, frozen: Set(frozen), on: device)
    guard update.optimizer is DiagonalLevenbergMarquardt else { return descent }
    // Sizes that cannot be learned from are refused when the run starts.
    let cut = (try? cut(samples, by: descent).cut) ?? BatchCut(samples.count, batchSize: batchSize)
    return LevenbergMarquardt(
      descent, samples: samples, stepsPerPass: stepsPerEpoch(cut), frozen: Set(frozen))
  }

  /// The learning rates of a run of so many steps.
  public func rates(totalSteps: Int) -> LearningRate {
    LearningRate(base: learningRate, schedule: schedule, warmup: warmup, totalSteps: totalSteps)
  }
}
