import StriateCore
import StriateData
import StriateFormats
import StriateIR
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
    case training(LineageMember, TrainingEvent)
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
  /// - Throws: `DataError` where samples cannot be read, the device's error; `TrainingError` where the folder cannot be
  ///   made, is in use or holds another run, `FormatError` where its settings are damaged.
  public func run(in folder: String, on device: Device) throws -> LineageReport? {
    let plans = try plans()
    let work = try WorkFolder(folder, of: settings, in: "lineage.json") {
      "holds another lineage, \($0.text())"
    }
    defer { work.release() }
    var outcomes: [MemberOutcome] = []
    for (place, member) in members.enumerated() {
      let path = "\(folder)/members/\(member.id)"
      let file = "\(path)/outcome.json"
      if let json = try? JSON(path: file), let known = MemberOutcome(json), known.id == member.id {
        guard (known.samples, known.passes) == (plans[place].samples, plans[place].passes) else {
          throw TrainingError(
            .outputExists,
            "\(path) learned from \(known.samples) pictures × \(known.passes), this command gives it "
              + "\(plans[place].samples) × \(plans[place].passes), since members share the budget; take the members that "
              + "it was begun with, or another --output-dir")
        }
        outcomes.append(known)
        observe(.finished(member, known, isNew: false))
        continue
      }
      let run = MemberRun(member, of: self, in: path, on: device)
      guard let made = try run.outcome(place: place, plans[place]) else { return nil }
      try AtomicFile.write(made.json.text(pretty: true) + "\n", to: file)
      outcomes.append(made)
      observe(.finished(member, made, isNew: true))
    }
    let gallery = try Gallery(
      members: members, outcomes: outcomes, splits: loaded(), folder: folder)
    return LineageReport(
      data: data, budget: budget, seed: seed, device: device.id,
      library: device.backend.summary, members: members, outcomes: outcomes, gallery: gallery)
  }

  /// What each member trains on.
  private func plans() throws -> [LineageBudget.Plan] {
    let splits = try loaded()
    func demand(_ member: LineageMember) throws -> LineageBudget.Demand {
      try member.demand(
        classes: max(splits.train.classNames.count, 2), train: splits.train.count,
        test: splits.test.count, input: splits.train.inputShape)
    }
    return budget.plans(
      try members.map { member in
        do { return try demand(member) } catch let error as TraceError {
          let others = members.filter { (try? demand($0)) != nil }.map(\.id)
          throw TrainingError(
            .mismatch,
            "\(member.id) does not fit samples of \(splits.train.inputShape): \(error)"
              + (others.isEmpty ? "" : "; those that do: --only \(others.joined(separator: ","))"))
        }
      })
  }

  /// The samples, normalised as most members see them.
  private func loaded() throws -> DataSplits {
    try TrainingConfig(data: data, epochs: 1).loadData()
  }

  /// The settings that a folder's run was begun with.
  private var settings: JSON {
    ["data": JSON(data), "budget": JSON(budget.description), "seed": JSON(Int(clamping: seed))]
  }
}
