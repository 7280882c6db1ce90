/// Lowering the rate where the watched loss no longer falls, as PyTorch's `ReduceLROnPlateau`.
///
/// The test loss is watched after each evaluation, the training loss of the epoch where there are no test
/// samples.
public struct Plateau: Sendable, Hashable {
  /// What the rate is multiplied by.
  public var factor: Double
  /// Evaluations without a better loss that are let pass.
  public var patience: Int
  /// The share of the best loss by which a better one must lie below it.
  public var threshold: Double
  /// Evaluations after a lowering that are not counted.
  public var cooldown: Int
  /// The least rate.
  public var minimum: Double

  /// PyTorch's settings.
  public init(
    factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, cooldown: Int = 0,
    minimum: Double = 0
  ) {
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
  }

  /// What has been seen so far; stands in checkpoints.
  public struct State: Sendable, Hashable {
    /// The least loss; nil before the first.
    public var best: Double?
    /// Evaluations since it that were not better.
    public var stale = 0
    /// Evaluations that are still not counted.
    public var cooldown = 0
    /// The lowered rate; nil as long as none was.
    public var rate: Double?

    /// Nothing seen.
    public init() {}

    init(best: Double?, stale: Int, cooldown: Int, rate: Double?) {
      self.best = best
      self.stale = stale
      self.cooldown = cooldown
      self.rate = rate
    }
  }

  /// Takes a loss into account.
  ///
  /// - Parameter base: the rate before any lowering.
  public func observe(_ loss: Double, base: Double, in state: inout State) {
    if let best = state.best, !(loss < best * (1 - threshold)) {
      state.stale += 1
    } else {
      state.best = loss
      state.stale = 0
    }
    if state.cooldown > 0 {
      state.cooldown -= 1
      state.stale = 0
    }
    guard state.stale > patience else { return }
    state.cooldown = cooldown
    state.stale = 0
    let old = state.rate ?? base
    let new = max(old * factor, minimum)
    // PyTorch leaves out what changes nearly nothing.
    if old - new > 1e-8 { state.rate = new }
  }
}
