import ArgumentParser
import Striate

/// The settings of a training on the command line; what is not given comes from a recipe, the run that is
/// resumed, or the defaults.
struct TrainingOptions: ParsableArguments {
  @Option(help: "The network's id; 'striate models' lists them.", completion: .models)
  var model: String?

  @Option(
    help: "The data, such as fashion-mnist or idx:FOLDER#PREFIX; @N takes N training samples.",
    completion: .data)
  var data: String?

  @Option(
    help: "The folder of the training images, a folder a class, in the place of --data.",
    completion: .directory)
  var trainDir: String?

  @Option(
    help: "With --train-dir the folder of the images that choose the best weights.",
    completion: .directory)
  var valDir: String?

  @Option(
    help: "With --train-dir the folder of the images measured once, at the end.",
    completion: .directory)
  var testDir: String?

  /// The data as `--data` or the three folders name them.
  private func dataName() throws -> String? {
    guard let trainDir else {
      if valDir != nil || testDir != nil {
        throw ValidationError("--val-dir and --test-dir go with --train-dir")
      }
      return data
    }
    guard data == nil else { throw ValidationError("give --data or --train-dir, not both") }
    for folder in [trainDir, valDir, testDir].compactMap({ $0 })
    where folder.contains(where: { ",):#@".contains($0) }) {
      throw ValidationError("\(folder): the names of these folders may hold none of , ) : # @")
    }
    let splits = ImageFolderSplits(train: trainDir, validation: valDir, test: testDir)
    return "imagefolder\(splits.description):."
  }

  @Option(
    help: "Settings that are known to work: \(Recipe.all.map(\.id).joined(separator: ", ")).",
    completion: .recipes)
  var recipe: String?

  @Option(help: "Passes over the training samples (10).")
  var epochs: Int?

  @Option(help: "Samples a step (128).")
  var batchSize: Int?

  @Option(help: "The optimiser (adamw).")
  var opt: TrainingConfig.OptimizerKind?

  @Option(
    help: "The learning rate (sgd 0.05, rmsprop and adam 0.001, adamw 0.002, lars 1, lm 0.0005).")
  var lr: Double?

  @Option(
    help: """
      How the Neocognitron's middle stages learn: \
      \(PlaneRule.allCases.map(\.rawValue).joined(separator: ", ")) (add-if-silent).
      """, completion: .list(PlaneRule.allCases.map(\.rawValue)))
  var rule: String?

  @Option(help: "The momentum of sgd, rmsprop and lars (0.9).")
  var momentum: Double?

  @Flag(inversion: .prefixedNo, help: "Nesterov's momentum for SGD.")
  var nesterov: Bool?

  @Option(
    name: [.customLong("weight-decay"), .customLong("wd")],
    help: "The strength of weight decay (adamw 0.01, else 0).")
  var weightDecay: Double?

  @Option(help: "The share of the target that is spread over all classes (0).")
  var labelSmoothing: Double?

  @Option(
    help: """
      Of a network for segmentation what training lowers: \
      \(SegmentationLoss.Term.allCases.map(\.rawValue).joined(separator: ", ")), or a sum such as ce+dice (ce).
      """)
  var loss: SegmentationLoss?

  @Option(
    help: """
      Of a network for segmentation the weights of the classes in ce and focal: \
      \(ClassBalance.allCases.map(\.rawValue).joined(separator: ", ")), computed from the training masks, or a number a \
      class joined by commas (none).
      """)
  var classWeights: ClassWeights?

  @Option(help: "The seed of first weights, sample order and dropout (0).")
  var seed: UInt64?

  @OptionGroup(title: "Learning rate") var rates: RateOptions
  @OptionGroup(title: "Updates and ends") var update: UpdateOptions

  /// The settings, given those of the run that is resumed.
  ///
  /// - Parameter stepsPerEpoch: of the data and the batch size in the settings.
  func config(
    resuming former: TrainingConfig?, in folder: String?,
    stepsPerEpoch: (TrainingConfig) throws -> Int
  ) throws -> TrainingConfig {
    var config = try base(resuming: former, in: folder)
    config.model = model ?? config.model
    config.data = try dataName() ?? config.data
    config.epochs = epochs ?? config.epochs
    config.batchSize = batchSize ?? config.batchSize
    if let opt, opt != config.optimizer {
      config.optimizer = opt
      config.learningRate = opt.usualRate
      config.weightDecay = opt.usualDecay
    }
    config.learningRate = lr ?? config.learningRate
    config.rule = rule ?? config.rule
    config.momentum = momentum ?? config.momentum
    config.nesterov = nesterov ?? config.nesterov
    config.weightDecay = weightDecay ?? config.weightDecay
    config.smoothing = labelSmoothing ?? config.smoothing
    config.loss = loss?.description ?? config.loss
    config.classWeights = classWeights ?? config.classWeights
    config.seed = seed ?? config.seed
    update.apply(to: &config)
    try config.validate()
    let known = config
    try rates.apply(to: &config) { try stepsPerEpoch(known) }
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
    guard let model, let data = try dataName() else {
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
}

extension SegmentationLoss: ExpressibleByArgument {
  /// A loss or a sum of several.
  public init?(argument: String) { self.init(argument) }
}

extension ClassWeights: ExpressibleByArgument {
  /// A rule or a number a class.
  public init?(argument: String) { self.init(argument) }
}

extension TrainingConfig.OptimizerKind: ExpressibleByArgument {
  /// A rate that usually works.
  var usualRate: Double {
    switch self {
    case .sgd: 0.05
    case .rmsprop, .adam: 1e-3
    case .adamw: 2e-3
    case .lars: 1
    case .lm: 5e-4
    }
  }

  /// A weight decay that usually works.
  var usualDecay: Double { self == .adamw ? 0.01 : 0 }
}
