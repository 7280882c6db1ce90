import StriateCore
import StriateIR

/// RMSProp, as PyTorch's: a step divided by the running root mean square of the weight's gradient.
///
/// `s ← α·s + (1 − α)·g²`, `d = g/(√s + ε)`, `v ← momentum·v + d`, `w ← w − rate·v`. Centred, the running
/// mean `m` of the gradient is kept too, and `s − m²` stands for `s`: an estimate of the variance.
/// Hinton, Srivastava and Swersky, "Neural networks for machine learning", lecture 6e, 2012; centred as in
/// Graves, "Generating sequences with recurrent neural networks", 2013.
public struct RMSProp: WeightDecaying, Hashable {
  /// The share of the former mean square that is kept.
  public var alpha: Double
  /// What is added to the denominator.
  public var epsilon: Double
  /// The share of the former direction that is kept.
  public var momentum: Double
  /// Whether the mean of the gradient is taken off.
  public var isCentered: Bool
  /// Whether `ε` is added under the root, `√(s + ε)`, as TensorFlow does.
  public var epsilonInsideRoot: Bool
  /// The share of a weight that is added to its gradient.
  public var weightDecay: Double

  /// RMSProp with PyTorch's constants.
  public init(
    alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, isCentered: Bool = false,
    epsilonInsideRoot: Bool = false, weightDecay: Double = 0
  ) {
    self.alpha = alpha
    self.epsilon = epsilon
    self.momentum = momentum
    self.isCentered = isCentered
    self.epsilonInsideRoot = epsilonInsideRoot
    self.weightDecay = weightDecay
  }

  /// The mean square, and as far as they are used the mean and the direction.
  public var slots: [String] {
    ["square_avg"] + (isCentered ? ["grad_avg"] : []) + (momentum == 0 ? [] : ["momentum_buffer"])
  }

  /// The learning rate.
  public var scalars: [String] { ["learning_rate"] }

  /// The learning rate.
  public func scalar(_ index: Int, step: Int, learningRate: Double) -> Double { learningRate }

  /// Builds the new weight and the new slots.
  public func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    let gradient = gradient.decayed(by: weightDecay, of: weight)
    let meanSquare = slots[0] * alpha + square(gradient) * (1 - alpha)
    var new = [meanSquare]
    var variance = meanSquare
    if isCentered {
      let mean = slots[1] * alpha + gradient * (1 - alpha)
      new.append(mean)
      // Rounding may leave less than nothing.
      variance = maximum(meanSquare - square(mean), 0)
    }
    let scale = epsilonInsideRoot ? sqrt(variance + epsilon) : sqrt(variance) + epsilon
    var direction = gradient / scale
    if momentum != 0, let former = slots.last {
      direction = former * momentum + direction
      new.append(direction)
    }
    return (weight - direction * scalars[0], new)
  }
}
