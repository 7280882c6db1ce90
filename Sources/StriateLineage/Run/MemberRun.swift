import StriateCore
import StriateCortex
import StriateData
import StriateFormats
import StriateIR
import StriateInspect
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// The training and the examination of one member.
struct MemberRun {
  /// The file of the answers to all test samples, i32.
  static let answersFile = "answers.npy"
  /// The picture of the first layer's filters.
  static let filtersFile = "filters.png"

  private let member: LineageMember
  private let lineage: Lineage
  private let path: String
  private let device: Device

  init(_ member: LineageMember, of lineage: Lineage, in path: String, on device: Device) {
    self.member = member
    self.lineage = lineage
    self.path = path
    self.device = device
  }

  /// What becomes of it; nil where the training was asked to stop.
  func outcome(place: Int, _ plan: LineageBudget.Plan) throws -> MemberOutcome? {
    var config = member.recipe
    (config.model, config.data, config.seed) = (member.id, lineage.data, lineage.seed)
    if member.isAugmented { config.augmentation = try Self.augmentation(of: lineage.data) }
    var splits = try config.loadData()
    let classes = max(splits.train.classNames.count, 2)
    let input = splits.train.inputShape
    let network = try member.network(classes: classes, input: input)
    var made = MemberOutcome(id: member.id)
    if let network {
      let size = try NetworkSize(network, input: input)
      (made.parameters, made.macs) = (size.parameters, size.macs)
    }
    (made.samples, made.passes) = (plan.samples, plan.passes)
    lineage.observe(.begun(member, place: place, of: lineage.members.count, plan))
    let order = SampleOrder.shuffled(
      splits.train.count, by: RandomStream(seed: lineage.seed, "lineage", 0))
    splits.train = try Subset(splits.train, indices: Array(order.prefix(plan.samples)))
    try Folder.make(path)
    guard let network else {
      let clock = ContinuousClock()
      let start = clock.now
      try examine(&made, splits) {
        try NearestNeighbour.answers($0, knowing: splits.train, on: device)
      }
      made.seconds = (clock.now - start) / .seconds(1)
      return made
    }
    (config.epochs, config.evaluateEvery) = (plan.passes, plan.passes)
    guard let weights = try train(network, splits, config, plan, &made) else { return nil }
    let answers = try NetworkAnswers(network, weights: weights, on: device)
    try examine(&made, splits) { try answers.answers($0) }
    let filters = weights.first { $0.value.shape.rank == 4 && $0.value.shape[2] > 1 }
    if let filters, let sheet = try FilterSheet.image(filters.value) {
      try AtomicFile.write(sheet.png(), to: "\(path)/\(Self.filtersFile)")
    }
    return made
  }

  /// Pictures moved by up to two pixels, and mirrored where a mirrored picture is of the same class.
  private static func augmentation(of data: String) throws -> String {
    let source = try DataSource.parse(data)
    return "random-crop(padding=2)" + (source.kind.mayBeMirrored ? ",flip" : "")
  }

  /// The weights after the training; nil where it was asked to stop.
  private func train(
    _ network: any Layer, _ splits: DataSplits, _ config: TrainingConfig,
    _ plan: LineageBudget.Plan, _ made: inout MemberOutcome
  ) throws -> NamedTensors? {
    var options = Trainer.Options()
    let steps =
      BatchCut(plan.samples, batchSize: config.batchSize).batchCount * plan.passes
    options.logEvery = max(steps / 60, 1)
    options.environment["threads"] = "\(device.threads)"
    options.observe = { lineage.observe(.training(member, $0)) }
    if let hmax = network as? HMAX {
      options.initialWeights = try HMAXImprinting.prototypes(
        of: hmax, from: splits.train, seed: lineage.seed, on: device)
    }
    // All are asked once, below; the run's own log says how it does on the first of them.
    var splits = splits
    let first = Array(0..<min(Robustness.pictures, splits.test.count))
    splits.test = try Subset(splits.test, indices: first)
    let trainer: Trainer
    if let own = network as? Neocognitron {
      trainer = try Trainer(own, data: splits, config: config, on: device, options: options)
    } else {
      trainer = try Trainer(network, data: splits, config: config, on: device, options: options)
    }
    let folder = RunFolder("\(path)/run")
    let result = try trainer.run(in: folder, resuming: Folder.exists(folder.path))
    guard result.outcome == .finished, let step = folder.steps.last else { return nil }
    made.trainAccuracy = result.train?.accuracy
    made.seconds = result.seconds
    // The Neocognitron's own rule lowers no loss.
    if config.rule == nil, !(network is Neocognitron) {
      made.course = try RunCurves(log: folder.metricsPath).course
    }
    return try Checkpoint.read(folder.checkpointPath(step)).state.weights
  }

  /// Asks about all test samples, and about changed ones.
  private func examine(
    _ made: inout MemberOutcome, _ splits: DataSplits, by answers: (any Dataset) throws -> [Int32]
  ) throws {
    let found = try answers(splits.test)
    let labels = try splits.test.labels()
    made.accuracy =
      Double(zip(found, labels).count { $0 == $1 }) / Double(max(labels.count, 1))
    made.confusions = MemberOutcome.confusions(found, labels)
    if splits.test.hasImages {
      made.robustness = try Robustness.measure(splits, seed: lineage.seed, answers: answers)
    }
    try NPY.write(HostTensor(found), to: "\(path)/\(Self.answersFile)")
  }
}

extension LineageMember {
  /// The network; nil where there is none.
  ///
  /// - Throws: `ModelError` where the catalogue has no such network.
  func network(classes: Int, input: Shape) throws -> (any Layer)? {
    switch kind {
    case .nearestNeighbour: nil
    case .network(let make): try make(classes, input)
    case .neocognitron: Neocognitron(classes: classes, input: input)
    case .hmax: HMAX(classes: classes, input: input)
    }
  }

  /// What it can use of a budget.
  ///
  /// The rate is that of small grey pictures; larger ones take longer by their products.
  ///
  /// - Throws: `ModelError` where the catalogue has no such network.
  func demand(classes: Int, train: Int, test: Int, input: Shape) throws -> LineageBudget.Demand {
    var share = Double(test * input.count) / Double(10_000 * 784)
    let small: Shape = [1, 28, 28]
    if let own = try network(classes: classes, input: input),
      let known = try network(classes: classes, input: small)
    {
      let products = try NetworkSize(own, input: input).macs
      share = Double(products) / Double(max(try NetworkSize(known, input: small).macs, 1))
    }
    return LineageBudget.Demand(
      rate: rate / max(share, 1e-9), count: train, batch: recipe.batchSize, mostPasses: mostPasses,
      leastPasses: leastPasses)
  }
}
