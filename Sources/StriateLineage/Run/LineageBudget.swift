import StriateCore

/// How long a run may take, and what becomes of it in steps.
///
/// The same budget is the same steps on every machine: the clock is only reported, never asked. Each member has the same
/// share of the time, and makes of it as many steps as the machine would of which its rate was taken. What a member cannot
/// use, since it has seen every picture often enough, the others have in equal parts.
public struct LineageBudget: Sendable, Hashable, CustomStringConvertible {
  /// The seconds.
  public let seconds: Int

  /// A budget in seconds.
  public init(seconds: Int) { self.seconds = max(seconds, 1) }

  /// Reads `90s`, `10m`, `1h` or `600`.
  public init?(_ text: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard let number = Int(digits), number > 0, number <= 1_000_000 else { return nil }
    seconds = number * (unit ?? 1)
  }

  /// The text that `init(_:)` reads.
  public var description: String {
    if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }

  /// What a member trains on.
  public struct Plan: Sendable, Hashable {
    /// The first training samples, so many.
    public let samples: Int
    /// Passes over them.
    public let passes: Int

    /// So many samples and passes.
    public init(samples: Int, passes: Int) {
      self.samples = samples
      self.passes = passes
    }
  }

  /// What a member can use.
  public struct Demand: Sendable, Hashable {
    /// Samples a second that it learns from, as its table says.
    public let rate: Double
    /// Samples that there are.
    public let count: Int
    /// Samples a step; plans are whole steps.
    public let batch: Int
    /// More passes than these are not made.
    public let mostPasses: Int
    /// Fewer passes than these are not made: there are fewer samples instead.
    public let leastPasses: Int

    /// So many samples a second of so many.
    public init(rate: Double, count: Int, batch: Int, mostPasses: Int, leastPasses: Int = 1) {
      self.rate = max(rate, 1e-9)
      self.count = max(count, 1)
      self.batch = max(batch, 1)
      self.leastPasses = max(leastPasses, 1)
      self.mostPasses = max(mostPasses, self.leastPasses)
    }

    /// The seconds of all passes.
    var most: Double { Double(mostPasses) * Double(count) / rate }

    /// What becomes of so many seconds.
    func plan(_ seconds: Double) -> Plan {
      if seconds >= most { return Plan(samples: count, passes: mostPasses) }
      let steps = max(Int(min(seconds * rate, 1e12)) / batch, 1)
      let whole = min(max(steps / leastPasses, 1) * batch, count)
      let passes = max(steps * batch / whole, leastPasses)
      return Plan(samples: whole, passes: min(passes, mostPasses))
    }
  }

  /// The samples and passes of each member.
  public func plans(_ demands: [Demand]) -> [Plan] {
    var plans = demands.map { $0.plan(0) }
    var (left, others) = (Double(seconds), demands.count)
    for place in demands.indices.sorted(by: { (demands[$0].most, $0) < (demands[$1].most, $1) }) {
      let share = min(left / Double(max(others, 1)), demands[place].most)
      plans[place] = demands[place].plan(share)
      left -= share
      others -= 1
    }
    return plans
  }
}
