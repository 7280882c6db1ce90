import StriateCore
import StriateIR
import StriateTraining

/// An optimiser under which filters and matrices keep their zeros: what was pruned stays pruned.
package struct ZerosStay: Optimizer {
  /// The rule for all other weights.
  package let base: any Optimizer

  /// An optimiser under which zeros stay.
  package init(base: any Optimizer) { self.base = base }

  package var slots: [String] { base.slots }
  package var scalars: [String] { base.scalars }

  package func scalar(_ index: Int, step: Int, learningRate: Double) -> Double {
    base.scalar(index, step: step, learningRate: learningRate)
  }

  package func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    let (new, kept) = base.update(weight, gradient: gradient, slots: slots, scalars: scalars)
    if weight.isPoisoned || weight.shape.rank < 2 { return (new, kept) }
    return (select(abs(weight) .> 0, new, 0.0), kept)
  }
}
