import ArgumentParser
import Striate

/// The settings of a training on the command line; what is not given comes from a recipe, the run that is
/// resumed, or the defaults.
struct TrainingOptions: ParsableArguments {
  @Option(help: "The network's id; 'striate models' lists them.")
  var model: String?

  @Option(
    help: "The data, such as fashion-mnist or idx:FOLDER#PREFIX; @N takes N training samples.")
  var data: String?

  @Option(help: "Settings that are known to work: \(Recipe.all.map(\.id).joined(separator: ", ")).")
  var recipe: String?

  @Option(help: "Passes over the training samples (10).")
  var epochs: Int?

  @Option(help: "Samples a step (128).")
  var batchSize: Int?

  @Option(help: "The optimiser (adamw).")
  var opt: TrainingConfig.OptimizerKind?

  @Option(help: "The learning rate (sgd 0.05, adam 0.001, adamw 0.002).")
  var lr: Double?

  @Option(help: "SGD's momentum (0.9).")
  var momentum: Double?

  @Flag(inversion: .prefixedNo, help: "Nesterov's momentum for SGD.")
  var nesterov: Bool?

  @Option(help: "The strength of weight decay (adamw 0.01, else 0).")
  var weightDecay: Double?

  @Option(help: "The learning rate's course (onecycle).")
  var lrScheduler: Scheduler?

  @Option(help: "Epochs after which multistep lowers the rate, joined by commas.")
  var lrMilestones: String?

  @Option(help: "What multistep multiplies the rate by (0.1).")
  var lrGamma: Double?

  @Option(help: "The share of the target that is spread over all classes (0).")
  var labelSmoothing: Double?

  @Option(help: "The seed of first weights, sample order and dropout (0).")
  var seed: UInt64?

  enum Scheduler: String, ExpressibleByArgument, CaseIterable {
    case constant, multistep, cosine, onecycle
  }

  func validate() throws {
    if lrScheduler == .multistep, lrMilestones == nil {
      throw ValidationError("--lr-scheduler multistep needs --lr-milestones, such as 30,60")
    }
    if lrScheduler != .multistep, lrMilestones != nil || lrGamma != nil {
      throw ValidationError("--lr-milestones and --lr-gamma need --lr-scheduler multistep")
    }
  }

  /// The settings, given those of the run that is resumed.
  ///
  /// - Parameter stepsPerEpoch: of the data and the batch size in the settings.
  func config(
    resuming former: TrainingConfig?, in folder: String?,
    stepsPerEpoch: (TrainingConfig) throws -> Int
  ) throws -> TrainingConfig {
    var config = try base(resuming: former, in: folder)
    config.model = model ?? config.model
    config.data = data ?? config.data
    config.epochs = epochs ?? config.epochs
    config.batchSize = batchSize ?? config.batchSize
    if let opt, opt != config.optimizer {
      config.optimizer = opt
      config.learningRate = opt.usualRate
      config.weightDecay = opt.usualDecay
    }
    config.learningRate = lr ?? config.learningRate
    config.momentum = momentum ?? config.momentum
    config.nesterov = nesterov ?? config.nesterov
    config.weightDecay = weightDecay ?? config.weightDecay
    config.smoothing = labelSmoothing ?? config.smoothing
    config.seed = seed ?? config.seed
    try config.validate()
    switch lrScheduler {
    case nil: break
    case .constant: config.schedule = .constant
    case .cosine: config.schedule = .cosine(minimum: 0)
    case .onecycle: config.schedule = .oneCycle()
    case .multistep:
      config.schedule = .multistep(
        milestones: try milestones(stepsPerEpoch(config)), factor: lrGamma ?? 0.1)
    }
    try config.validate()
    return config
  }

  private func base(
    resuming former: TrainingConfig?, in folder: String?
  ) throws -> TrainingConfig {
    if let recipe {
      if former != nil { throw ValidationError("--recipe does not go with a run that is resumed") }
      return try Recipe.find(recipe).config
    }
    if let former { return former }
    guard let model, let data else {
      if let folder {
        throw InspectError(
          .usage,
          "there is no run in \(folder) to go on with; give --model and --data to begin one there")
      }
      throw ValidationError("give --model and --data, or --recipe")
    }
    let kind = TrainingConfig.OptimizerKind.adamw
    return TrainingConfig(
      model: model, data: data, epochs: 10, optimizer: kind, learningRate: kind.usualRate,
      schedule: .oneCycle(), weightDecay: kind.usualDecay)
  }

  private func milestones(_ stepsPerEpoch: Int) throws -> [Int] {
    let parts = (lrMilestones ?? "").split(separator: ",", omittingEmptySubsequences: false)
    return try parts.map { part in
      let (steps, overflow) = (Int(part) ?? -1).multipliedReportingOverflow(by: stepsPerEpoch)
      guard steps > 0, !overflow else {
        throw ValidationError(
          "--lr-milestones takes numbers of epochs joined by commas, found '\(lrMilestones ?? "")'")
      }
      return steps
    }
  }
}

extension TrainingConfig.OptimizerKind: ExpressibleByArgument {
  /// A rate that usually works.
  var usualRate: Double {
    switch self {
    case .sgd: 0.05
    case .adam: 1e-3
    case .adamw: 2e-3
    }
  }

  /// A weight decay that usually works.
  var usualDecay: Double { self == .adamw ? 0.01 : 0 }
}
