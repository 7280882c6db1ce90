import StriateCore
import StriateIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Adam, as PyTorch's: a step a weight, scaled by running moments of its gradient.
///
/// `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`,
/// `w ← w − rate/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)`. Weight decay is added to the gradient, or in
/// `AdamW`'s way shrinks the weight by `1 − rate·weightDecay` first. AMSGrad divides by the greatest `v` so far.
/// Kingma and Ba, "Adam", ICLR 2015; Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019;
/// Reddi, Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018.
public struct Adam: WeightDecaying, Hashable {
  /// The decay of the running mean of the gradient.
  public var beta1: Double
  /// The decay of the running mean of its square.
  public var beta2: Double
  /// What is added to the denominator.
  public var epsilon: Double
  /// The strength of the decay.
  public var weightDecay: Double
  /// Whether the decay shrinks the weight itself instead of entering its gradient.
  public var decouplesDecay: Bool
  /// Whether the greatest second moment so far takes the place of the newest (AMSGrad).
  public var keepsMaximum = false

  /// Adam with PyTorch's constants.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.init(beta1, beta2, epsilon, weightDecay, decouplesDecay: false)
  }

  private init(
    _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ weightDecay: Double, decouplesDecay: Bool
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decouplesDecay = decouplesDecay
  }

  /// AdamW with PyTorch's constants.
  public static func decoupled(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) -> Adam {
    Adam(beta1, beta2, epsilon, weightDecay, decouplesDecay: true)
  }

  /// The two running moments, and with AMSGrad the greatest second one.
  public var slots: [String] {
    ["exp_avg", "exp_avg_sq"] + (keepsMaximum ? ["max_exp_avg_sq"] : [])
  }

  /// The corrected rate, the correction of the second moment, and what decay leaves of a weight.
  public var scalars: [String] {
    ["step_size", "second_correction"] + (shrinks ? ["remainder"] : [])
  }

  private var shrinks: Bool { decouplesDecay && weightDecay != 0 }

  /// A number that is fed.
  public func scalar(_ index: Int, step: Int, learningRate: Double) -> Double {
    switch index {
    case 0: learningRate / (1 - pow(beta1, Double(step)))
    case 1: (1 - pow(beta2, Double(step))).squareRoot()
    default: 1 - learningRate * weightDecay
    }
  }

  /// Builds the new weight and the new moments.
  public func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    var weight = weight
    var gradient = gradient
    if shrinks {
      weight = weight * scalars[2]
    } else if !decouplesDecay {
      gradient = gradient.decayed(by: weightDecay, of: weight)
    }
    let mean = slots[0] * beta1 + gradient * (1 - beta1)
    let moment = slots[1] * beta2 + square(gradient) * (1 - beta2)
    let greatest = keepsMaximum ? maximum(slots[2], moment) : moment
    let denominator = sqrt(greatest) / scalars[1] + epsilon
    let new = [mean, moment] + (keepsMaximum ? [greatest] : [])
    return (weight - mean / denominator * scalars[0], new)
  }
}
