import StriateCore
import StriateIR

/// Gradient descent in which every weight has a rate of its own, by how much the loss bends in it.
///
/// `w ← w − η/(μ + h)·g`, `h` the mean of the loss's second derivatives in the weight alone, estimated before each pass
/// over the samples by `LevenbergMarquardt`; μ keeps the rate of a weight that hardly matters from growing without bound
/// (LeCun, Bottou, Bengio and Haffner, 1998, section III.C and appendix C).
public struct DiagonalLevenbergMarquardt: WeightDecaying, Hashable {
  /// The name of the slot that holds h.
  public static let curvature = "curvature"
  /// What is added to a weight's curvature, μ.
  public var damping: Double
  /// The share of a weight that is added to its gradient.
  public var weightDecay: Double

  /// A rule with this damping.
  public init(damping: Double = 0.02, weightDecay: Double = 0) {
    self.damping = damping
    self.weightDecay = weightDecay
  }

  /// The curvature in each weight.
  public var slots: [String] { [Self.curvature] }
  /// The global rate η.
  public var scalars: [String] { ["learning_rate"] }

  /// The global rate.
  public func scalar(_ index: Int, step: Int, learningRate: Double) -> Double { learningRate }

  /// Builds the new weight; the curvature stays as it was estimated.
  public func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    let gradient = gradient.decayed(by: weightDecay, of: weight)
    return (weight - gradient * scalars[0] / (slots[0] + damping), slots)
  }
}
