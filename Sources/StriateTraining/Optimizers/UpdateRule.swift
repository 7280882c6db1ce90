import StriateCore
import StriateIR

/// All that stands between gradients and weights: an optimiser with its groups, clipping, accumulation and
/// the running average.
public struct UpdateRule: Sendable {
  /// The rule by which gradients change weights.
  public var optimizer: any Optimizer
  /// Parameters with rates or decays of their own.
  public var groups: [ParameterGroup] = []
  /// How far gradients may go.
  public var clipping = GradientClipping()
  /// Micro-batches a step: their gradients are averaged over all their samples before the one update.
  public var accumulation = 1
  /// The running average of the weights that is kept beside them; nil for none.
  public var average: WeightAverage?
  /// Whether the gradients' norm is an output of the step also where nothing is clipped by it.
  public var reportsNorm = false

  /// An update by an optimiser alone.
  public init(_ optimizer: any Optimizer) { self.optimizer = optimizer }

  /// Does nothing where every number makes sense.
  ///
  /// - Throws: `TrainingError` naming the first that does not.
  public func validate() throws(TrainingError) {
    func positive(_ value: Double?, _ name: String) throws(TrainingError) {
      guard let value else { return }
      try expect(value > 0 && value.isFinite, name, "above 0", value)
    }
    try positive(clipping.norm, "the norm that gradients are clipped to")
    try positive(clipping.value, "the value that gradients are clipped to")
    try expect(
      accumulation >= 1 && accumulation <= 1 << 20, "accumulated batches", "from 1 to 1048576",
      accumulation)
    if let decay = average?.decay {
      try expect(decay >= 0 && decay < 1, "the average's decay", "in [0, 1)", decay)
    }
    for group in groups {
      let (rate, decay) = (group.rate ?? 0, group.weightDecay ?? 0)
      try expect(rate >= 0 && rate.isFinite, "a group's rate", "at least 0", rate)
      try expect(decay >= 0 && decay.isFinite, "a group's weight decay", "at least 0", decay)
    }
  }
}

/// How far gradients may go before they change weights.
///
/// By norm, as PyTorch's `clip_grad_norm_`: all gradients are multiplied by
/// `min(1, norm/(‖g‖ + 1e-6))`, `‖g‖` the Euclidean norm of all of them together (Pascanu, Mikolov and
/// Bengio, "On the difficulty of training recurrent neural networks", ICML 2013). Then by value: each
/// element is brought into `[−value, value]`.
public struct GradientClipping: Sendable, Hashable {
  /// The greatest norm; nil for any.
  public var norm: Double?
  /// The greatest magnitude of an element; nil for any.
  public var value: Double?

  /// Bounds for gradients; none by default.
  public init(norm: Double? = nil, value: Double? = nil) {
    self.norm = norm
    self.value = value
  }

  /// The norm of tensors taken as one vector.
  static func norm(of gradients: [Tensor]) -> Tensor? {
    let sums = gradients.map { square($0).sum() }
    guard let first = sums.first else { return nil }
    return sqrt(sums.dropFirst().reduce(first) { $0 + $1.converted(to: $0.dtype) })
  }

  /// The gradients within the bounds.
  func bounded(_ gradients: [Tensor], norm found: Tensor?) -> [Tensor] {
    var gradients = gradients
    if let norm, let found {
      let share = minimum(norm / (found + 1e-6), 1)
      gradients = gradients.map { $0 * share.converted(to: $0.dtype) }
    }
    if let value {
      gradients = gradients.map { minimum(maximum($0, -value), value) }
    }
    return gradients
  }
}

/// A running average of the weights: `a ← d·a + (1 − d)·w` after every step, from the first weights on.
///
/// Buffers in floating point, such as running statistics, are averaged by the same rule, others copied. Tested
/// and applied, the average is often better than the weights. Polyak and Juditsky, "Acceleration of stochastic
/// approximation by averaging", 1992.
///
/// Of an average that starts at the first weights a share `dᵗ` is still those after `t` steps: with 0.9998 that
/// is 82 % after 1,000. So the first steps keep less, as TensorFlow's `ExponentialMovingAverage` does with
/// `num_updates`: the average is then at most about a tenth of the run's steps behind the weights.
public struct WeightAverage: Sendable, Hashable {
  /// The share of the former average that is kept.
  public var decay: Double
  /// Whether the first steps keep less: `min(decay, (1 + t)/(10 + t))` at the t-th step.
  public var warmsUp: Bool

  /// An average with this decay.
  public init(decay: Double = 0.9998, warmsUp: Bool = true) {
    self.decay = decay
    self.warmsUp = warmsUp
  }

  /// The decay at a step, counted from 1.
  public func decay(at step: Int) -> Double {
    warmsUp ? min(decay, (1 + Double(step)) / (10 + Double(step))) : decay
  }
}
