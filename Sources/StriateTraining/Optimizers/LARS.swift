import StriateCore
import StriateIR

/// Layer-wise adaptive rate scaling: gradient descent with momentum whose rate in each tensor is in
/// proportion to the tensor's norm over its gradient's.
///
/// `g' = g + weightDecay·w`, `ratio = trust·‖w‖/(‖g‖ + weightDecay·‖w‖ + ε)`,
/// `v ← momentum·v + rate·ratio·g'`, `w ← w − v`. The ratio is 1 where either norm is zero. Tensors of one
/// axis, which are biases and the scales and shifts of normalisation, are neither scaled nor decayed unless
/// `adaptsVectors`. You, Gitman and Ginsburg, "Large batch training of convolutional networks", 2017,
/// algorithm 1.
public struct LARS: WeightDecaying, Hashable {
  /// The share of the former step that is kept.
  public var momentum: Double
  /// The trust coefficient: how far a tensor moves in a step as a share of its norm.
  public var trust: Double
  /// The share of a weight that is added to its gradient.
  public var weightDecay: Double
  /// What is added to the denominator of the ratio.
  public var epsilon: Double
  /// Whether tensors of at most one axis are scaled and decayed too.
  public var adaptsVectors: Bool

  /// LARS with the paper's constants.
  public init(
    momentum: Double = 0.9, trust: Double = 0.001, weightDecay: Double = 0, epsilon: Double = 1e-8,
    adaptsVectors: Bool = false
  ) {
    self.momentum = momentum
    self.trust = trust
    self.weightDecay = weightDecay
    self.epsilon = epsilon
    self.adaptsVectors = adaptsVectors
  }

  /// The step before.
  public var slots: [String] { ["momentum_buffer"] }
  /// The learning rate.
  public var scalars: [String] { ["learning_rate"] }

  /// The learning rate.
  public func scalar(_ index: Int, step: Int, learningRate: Double) -> Double { learningRate }

  /// Builds the new weight and the new step.
  public func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    var change = gradient * scalars[0]
    if adaptsVectors || weight.shape.rank > 1 {
      let (own, steepness) = (norm(weight), norm(gradient))
      let ratio = own * trust / (steepness + own * weightDecay + epsilon)
      let scale = select(minimum(own, steepness) .> 0, ratio, 1.0) * scalars[0]
      change = gradient.decayed(by: weightDecay, of: weight) * scale
    }
    let step = slots[0] * momentum + change
    return (weight - step, [step])
  }

  private func norm(_ x: Tensor) -> Tensor { sqrt(square(x).sum()) }
}
