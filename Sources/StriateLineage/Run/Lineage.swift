import StriateCore
import StriateCortex
import StriateData
import StriateFormats
import StriateIR
import StriateInspect
import StriateModels
import StriateRuntime
import StriateTraining

/// Sixty years of networks on the same data, from the same seed, within the same budget.
///
/// ```swift
/// let lineage = Lineage(data: "fashion-mnist", budget: LineageBudget("10m")!)
/// let report = try lineage.run(in: "runs/lineage", on: .best)
/// ```
///
/// A run that was stopped or killed goes on in its folder: finished members are not run again, and one that was cut off
/// goes on from its newest checkpoint.
public struct Lineage {
  /// The data as the command line names them.
  public var data: String
  /// The time of all members together.
  public var budget: LineageBudget
  /// The seed of first weights, order and choice of samples.
  public var seed: UInt64
  /// The members, in the order of history.
  public var members: [LineageMember]
  /// Told what is happening.
  public var observe: (Event) -> Void = { _ in }

  /// What a run tells.
  public enum Event {
    /// A member begins, or goes on.
    case begun(LineageMember, place: Int, of: Int, LineageBudget.Plan)
    /// It trains.
    case training(TrainingEvent)
    /// A member is finished; it may have been in an earlier part of the run.
    case finished(LineageMember, MemberOutcome, isNew: Bool)
  }

  /// A run of these members.
  public init(
    data: String = "fashion-mnist", budget: LineageBudget, seed: UInt64 = 0,
    members: [LineageMember] = LineageMember.all
  ) {
    self.data = data
    self.budget = budget
    self.seed = seed
    self.members = members
  }

  /// Runs what is left to run in a folder.
  ///
  /// - Returns: the report; nil where it was asked to stop, and can go on.
  /// - Throws: `DataError` where samples cannot be read, the device's error; `TrainingError` where the folder holds
  ///   another run.
  public func run(in folder: String, on device: Device) throws -> LineageReport? {
    try check(folder)
    var outcomes: [MemberOutcome] = []
    for (place, member) in members.enumerated() {
      let path = "\(folder)/members/\(member.id)"
      let file = "\(path)/outcome.json"
      if let json = try? JSON(path: file), let known = MemberOutcome(json) {
        outcomes.append(known)
        observe(.finished(member, known, isNew: false))
        continue
      }
      guard let made = try outcome(of: member, place: place, in: path, on: device) else {
        return nil
      }
      try AtomicFile.write(made.json.text(pretty: true) + "\n", to: file)
      outcomes.append(made)
      observe(.finished(member, made, isNew: true))
    }
    return LineageReport(
      data: data, budget: budget, seed: seed, device: device.id, members: members,
      outcomes: outcomes)
  }

  /// The settings that a folder's run was begun with.
  private var settings: JSON {
    ["data": JSON(data), "budget": JSON(budget.description), "seed": JSON(Int(clamping: seed))]
  }

  /// Makes the folder, or sees that the run in it is this one.
  private func check(_ folder: String) throws {
    try Folder.make("\(folder)/members")
    let path = "\(folder)/lineage.json"
    if let found = try? JSON(path: path) {
      guard found == settings else {
        throw TrainingError(
          .outputExists,
          "\(folder) holds another lineage, \(found.text()); choose another --output-dir")
      }
      return
    }
    try AtomicFile.write(settings.text(pretty: true) + "\n", to: path)
  }

  private func outcome(
    of member: LineageMember, place: Int, in path: String, on device: Device
  ) throws -> MemberOutcome? {
    var config = member.recipe
    (config.model, config.data, config.seed) = (member.id, data, seed)
    var splits = try config.loadData()
    let classes = max(splits.train.classNames.count, 2)
    let input = splits.train.inputShape
    let network = member.network(classes: classes, input: input)
    var made = MemberOutcome(id: member.id)
    if let network {
      let naming = Naming(network)
      made.parameters = naming.parameters.filter { $0.parameter.role == .weight }.reduce(0) {
        $0 + $1.parameter.type.shape.count
      }
      let builder = GraphBuilder(naming: naming)
      builder.output(
        "logits", network(builder.input("input", TensorType(.float32, Shape([1] + input.dims)))))
      made.macs = try builder.finish().cost.macs
    }
    let plan = member.plan(
      budget, macs: made.macs, members: members.count, train: splits.train.count,
      test: splits.test.count, input: input)
    (made.samples, made.passes) = (plan.samples, plan.passes)
    observe(.begun(member, place: place, of: members.count, plan))
    let order = SampleOrder.shuffled(
      splits.train.count, by: RandomStream(seed: seed, "lineage", 0))
    splits.train = try Subset(splits.train, indices: Array(order.prefix(plan.samples)))
    let clock = ContinuousClock()
    let start = clock.now
    guard let network else {
      made.accuracy = try NearestNeighbour.accuracy(
        train: splits.train, test: splits.test, on: device)
      made.seconds = (clock.now - start) / .seconds(1)
      try Folder.make(path)
      return made
    }
    (config.epochs, config.evaluateEvery) = (plan.passes, plan.passes)
    var options = Trainer.Options()
    let steps = (plan.samples + config.batchSize - 1) / config.batchSize * plan.passes
    options.logEvery = max(steps / 60, 1)
    options.environment["threads"] = "\(device.threads)"
    options.observe = { observe(.training($0)) }
    if let hmax = network as? HMAX {
      options.initialWeights = try HMAXImprinting.prototypes(
        of: hmax, from: splits.train, seed: seed, on: device)
    }
    let trainer: Trainer
    if let own = network as? Neocognitron {
      trainer = try Trainer(own, data: splits, config: config, on: device, options: options)
    } else {
      trainer = try Trainer(network, data: splits, config: config, on: device, options: options)
    }
    let folder = RunFolder("\(path)/run")
    let result = try trainer.run(in: folder, resuming: Folder.exists(folder.path))
    guard result.outcome == .finished else { return nil }
    made.accuracy = result.test?.accuracy ?? 0
    made.trainAccuracy = result.train?.accuracy
    made.seconds = result.seconds
    made.course = try RunCurves(log: folder.metricsPath).course
    return made
  }
}

extension LineageMember {
  /// The network; nil where there is none.
  func network(classes: Int, input: Shape) -> (any Layer)? {
    switch kind {
    case .nearestNeighbour: nil
    case .network(let make): make(classes, input)
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
