import StriateCore
import StriateFormats

/// The same lineage from several seeds: what each member comes to, how far the seeds spread, and which members can be told
/// apart.
///
/// ```swift
/// let series = try LineageSeries(folders: ["runs/seed-0", "runs/seed-1", "runs/seed-2"])
/// let resnet = series["resnet-mini"]!
/// print(resnet.mean, resnet.spread)
/// ```
public struct LineageSeries: Sendable, Hashable {
  /// The data.
  public let data: String
  /// The time that all members had together, for each seed.
  public let budget: String
  /// The seeds, from the lowest to the highest.
  public let seeds: [Int]
  /// The library that they ran on, with its instruction set and threads.
  public let library: String
  /// The processor.
  public let processor: String
  /// The version of the program.
  public let version: String
  /// The command of all runs; `SEED` stands for each of the seeds.
  public let command: String
  /// The members, in the order of history.
  public let members: [Member]

  /// What became of a member with each seed.
  public struct Member: Sendable, Hashable {
    /// The member's name.
    public let id: String
    /// The year of the idea.
    public let year: Int
    /// Its usual name.
    public let title: String
    /// Training samples it saw.
    public let samples: Int
    /// Passes over them.
    public let passes: Int
    /// The shares of right answers, in the order of the seeds.
    public let accuracies: [Double]
    /// Whether it was still learning at the end with some seed.
    public let isUnderTrained: Bool

    /// The mean share of right answers.
    public var mean: Double { accuracies.reduce(0, +) / Double(max(accuracies.count, 1)) }
    /// Half of what lies between the best and the worst seed.
    public var spread: Double { (best - worst) / 2 }
    /// The share with the best seed.
    public var best: Double { accuracies.max() ?? 0 }
    /// The share with the worst seed.
    public var worst: Double { accuracies.min() ?? 0 }
    /// Mean and spread, in per cent, as they are read.
    public var text: String {
      let mean = Numbers.fixed(mean * 100, 2)
      return accuracies.count > 1 ? "\(mean) ± \(Numbers.fixed(spread * 100, 2))" : mean
    }
  }

  /// The member with this name.
  public subscript(id: String) -> Member? { members.first { $0.id == id } }

  /// Whether one member is right more often than another with each seed of both, and both had learned what they could.
  ///
  /// With a single seed nothing is known of the spread, and no member is ahead of another.
  public func isAhead(_ one: Member, of other: Member) -> Bool {
    seeds.count > 1 && !one.isUnderTrained && !other.isUnderTrained && one.worst > other.best
  }

  /// The members that had learned what they could, the best first.
  public var ranking: [Member] {
    members.enumerated().filter { !$0.element.isUnderTrained }
      .sorted { ($1.element.mean, $0.offset) < ($0.element.mean, $1.offset) }.map(\.element)
  }

  /// The members that a member can be told apart from by no seed's answers: neither is ahead of the other.
  public func peers(of member: Member) -> [Member] {
    ranking.filter { $0.id != member.id && !isAhead($0, of: member) && !isAhead(member, of: $0) }
  }
}
