import StriateCore
import StriateIR

/// How far a score falls short of a margin of 1 on the right side: `max(0, 1 − t·x)`, the target −1 or 1.
///
/// Cortes and Vapnik, "Support-vector networks", 1995.
public struct HingeLoss: Loss, Hashable {
  /// Whether the shortfall is squared.
  public var isSquared: Bool
  /// What becomes of the losses of all elements.
  public var reduction: Reduction

  /// A loss.
  public init(squared isSquared: Bool = false, reduction: Reduction = .mean) {
    self.isSquared = isSquared
    self.reduction = reduction
  }

  /// The loss of scores against −1 and 1 of their shape.
  public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
    guard let (x, t) = matched("hinge_loss", output, target) else {
      return output.poisoned
    }
    let shortfall = relu(1 - t * x)
    return reduction(isSquared ? square(shortfall) : shortfall)
  }
}
