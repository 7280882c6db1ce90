import StriateCore

/// How long a run may take, and what becomes of it in steps.
///
/// The same budget is the same steps on every machine: the clock is only reported, never asked. Of a share of the time a
/// member gets as many samples as fit by its products, at a fixed rate.
public struct LineageBudget: Sendable, Hashable, CustomStringConvertible {
  /// Products a second that are reckoned with: what two cores do with small pictures.
  public static let productsPerSecond = 10e9
  /// What a sample costs beside the products of its network, in products.
  public static let overhead = 2e6
  /// More passes than these are not made.
  public static let mostPasses = 20

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

  /// The samples and passes of a member.
  ///
  /// - Parameters:
  ///   - macs: the products of a forward pass.
  ///   - members: how many share the time.
  ///   - count: the training samples that there are.
  ///   - batch: samples a step; the plan is whole steps.
  public func plan(macs: Int, members: Int, count: Int, batch: Int) -> Plan {
    let share = Double(seconds) / Double(max(members, 1))
    // Forward, and twice as much backward.
    let fitting = share * Self.productsPerSecond / (3 * Double(macs) + Self.overhead)
    let steps = max(Int(min(fitting, 1e12)) / max(batch, 1), 1)
    let whole = min(steps * batch, count)
    let passes = max(steps * batch / max(whole, 1), 1)
    return Plan(samples: whole, passes: min(passes, Self.mostPasses))
  }
}
