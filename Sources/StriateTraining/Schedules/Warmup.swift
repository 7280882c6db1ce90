/// A rise of the learning rate over the first steps, before the schedule proper begins.
///
/// Goyal et al., "Accurate, large minibatch SGD", 2017; PyTorch's `LinearLR` or `ConstantLR` before any other
/// schedule, whose own steps are counted from the warm-up's end.
public struct Warmup: Sendable, Hashable {
  /// The shape of the rise.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    /// Evenly from `factor` to the whole rate.
    case linear
    /// At `factor`, then at once to the whole rate.
    case constant
  }

  /// The number of steps.
  public var steps: Int
  /// The shape of the rise.
  public var method: Method
  /// The share of the rate at the first step.
  public var factor: Double

  /// A warm-up.
  public init(steps: Int, method: Method = .linear, factor: Double = 0.01) {
    self.steps = steps
    self.method = method
    self.factor = factor
  }

  /// The share of the rate at a step, counted from 0.
  func share(at step: Int) -> Double {
    guard step < steps, steps > 0 else { return 1 }
    return method == .constant ? factor : factor + (1 - factor) * Double(step) / Double(steps)
  }
}

/// The learning rate over a whole run: a warm-up, then a schedule.
public struct LearningRate: Sendable, Hashable {
  /// The rate that is shaped.
  public var base: Double
  /// Its course after the warm-up.
  public var schedule: Schedule
  /// The rise before it; nil for none.
  public var warmup: Warmup?
  /// Steps of the whole run.
  public var totalSteps: Int

  /// The rates of a run.
  public init(base: Double, schedule: Schedule, warmup: Warmup? = nil, totalSteps: Int) {
    self.base = base
    self.schedule = schedule
    self.warmup = warmup
    self.totalSteps = totalSteps
  }

  /// The rate of a step, counted from 0.
  ///
  /// - Parameter plateau: what a plateau schedule has seen so far.
  public func rate(step: Int, plateau: Plateau.State? = nil) -> Double {
    let base = plateau?.rate ?? base
    let steps = max(warmup?.steps ?? 0, 0)
    if let warmup, step < steps { return base * warmup.share(at: step) }
    return schedule.rate(step: step - steps, total: max(totalSteps - steps, 0), base: base)
  }
}
