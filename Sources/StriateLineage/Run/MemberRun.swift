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
  func outcome(place: Int) throws -> MemberOutcome? {
    var config = member.recipe
    (config.model, config.data, config.seed) = (member.id, lineage.data, lineage.seed)
    var splits = try config.loadData()
    let classes = max(splits.train.classNames.count, 2)
    let input = splits.train.inputShape
    let network = try member.network(classes: classes, input: input)
    var made = MemberOutcome(id: member.id)
    if let network {
      let size = try NetworkSize(network, input: input)
      (made.parameters, made.macs) = (size.parameters, size.macs)
    }
    let plan = member.plan(
      lineage.budget, macs: made.macs, members: lineage.members.count, train: splits.train.count,
      test: splits.test.count, input: input)
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

  /// The weights after the training; nil where it was asked to stop.
  private func train(
    _ network: any Layer, _ splits: DataSplits, _ config: TrainingConfig,
    _ plan: LineageBudget.Plan, _ made: inout MemberOutcome
  ) throws -> NamedTensors? {
    var options = Trainer.Options()
    let steps = (plan.samples + config.batchSize - 1) / config.batchSize * plan.passes
    options.logEvery = max(steps / 60, 1)
    options.environment["threads"] = "\(device.threads)"
    options.observe = { lineage.observe(.training(member, $0)) }
    if let hmax = network as? HMAX {
      options.initialWeights = try HMAXImprinting.prototypes(
        of: hmax, from: splits.train, seed: lineage.seed, on: device)
    }
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

  /// What it trains on within a budget.
  func plan(
    _ budget: LineageBudget, macs: Int, members: Int, train: Int, test: Int, input: Shape
  ) -> LineageBudget.Plan {
    let batch = recipe.batchSize
    switch kind {
    case .network, .hmax:
      return budget.plan(macs: macs, members: members, count: train, batch: batch)
    case .nearestNeighbour:
      // Of each training picture the distance to every test picture, a third of what a training step is reckoned at.
      return LineageBudget.Plan(
        samples: budget.plan(
          macs: test * input.count / 3, members: members, count: train, batch: batch
        ).samples, passes: 1)
    case .neocognitron:
      // A picture at a time, in at least three passes, six as its recipe has them.
      let plan = budget.plan(macs: macs, members: members, count: .max, batch: batch)
      let passes = min(max(plan.samples / max(train, 1), 3), 6)
      return LineageBudget.Plan(
        samples: max(min(plan.samples / passes / batch * batch, train), min(batch, train)),
        passes: passes)
    }
  }
}
