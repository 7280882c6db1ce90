import StriateCore
import StriateIR

/// Gradient descent with momentum, as PyTorch's `SGD` without dampening.
///
/// `g' = g + weightDecay·w`, `v ← momentum·v + g'`, `w ← w − rate·v`; with Nesterov's momentum
/// `w ← w − rate·(g' + momentum·v)`. As `v` starts at zero, its first value is the gradient itself.
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum", ICML 2013.
public struct SGD: WeightDecaying, Hashable {
  /// The share of the former direction that is kept.
  public var momentum: Double
  /// Whether the gradient is taken as if the step had been made.
  public var nesterov: Bool
  /// The share of a weight that is added to its gradient.
  public var weightDecay: Double

  /// Gradient descent.
  public init(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// The direction, where there is momentum.
  public var slots: [String] { momentum == 0 ? [] : ["momentum_buffer"] }
  /// The learning rate.
  public var scalars: [String] { ["learning_rate"] }

  /// The learning rate.
  public func scalar(_ index: Int, step: Int, learningRate: Double) -> Double { learningRate }

  /// Builds the new weight and the new direction.
  public func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    let gradient = gradient.decayed(by: weightDecay, of: weight)
    guard let former = slots.first else {
      return (weight - gradient * scalars[0], [])
    }
    let velocity = former * momentum + gradient
    let direction = nesterov ? gradient + velocity * momentum : velocity
    return (weight - direction * scalars[0], [velocity])
  }
}

extension Tensor {
  /// The gradient with a share of the weight added: an L2 penalty.
  func decayed(by share: Double, of weight: Tensor) -> Tensor {
    share == 0 ? self : self + weight * share
  }
}
