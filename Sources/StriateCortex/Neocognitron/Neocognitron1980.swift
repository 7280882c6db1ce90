import StriateCore
import StriateIR
import StriateNN

/// The Neocognitron as it was first published, for pictures of 16×16.
///
/// | layer | extent | window | constants |
/// |---|---|---|---|
/// | S1 | 24×16×16 | 5×5 | r = 4, q = 1 |
/// | C1 | 24×10×10 | 5×5 of its own plane | α = 0.5 |
/// | S2 | 24×8×8 | 5×5×24 | r = 1.5, q = 16 |
/// | C2 | 24×6×6 | 5×5 | |
/// | S3 | 24×2×2 | 5×5×24 | r = 1.5, q = 16 |
/// | C3 | 24×1×1 | 2×2 | |
///
/// Fukushima, Biol. Cybern. 36, 1980, section 4 and table 1. The paper prints neither borders nor steps, which the
/// extents settle, nor the shapes of c and d: here they fall with the distance, and d sums to more than one.
public struct Neocognitron1980: Layer {
  /// The three stages.
  public let stages: [NeocognitronStage]

  /// A network with published constants, or with other selectivities.
  ///
  /// - Parameter r: the selectivity of each stage.
  public init(r: [Double] = [4, 1.5, 1.5], planes: Int = 24) {
    var plans = [
      NeocognitronStage.Plan(border: 2, r: 4, q: 1, poolingDecay: 0.9, poolingGain: 4),
      NeocognitronStage.Plan(border: 1, r: 1.5, q: 16, poolingDecay: 0.8, poolingGain: 4),
      NeocognitronStage.Plan(border: 0, r: 1.5, q: 16, poolingDecay: 0.9, poolingGain: 2.5),
    ]
    (plans[2].pooling, plans[2].stride, plans[2].poolingBorder, plans[2].column) = (2, 1, 0, 2)
    var inputs = 1
    stages = plans.enumerated().map { index, plan in
      var plan = plan
      plan.planes = planes
      if index < r.count { plan.r = r[index] }
      defer { inputs = planes }
      return NeocognitronStage(plan, inputs: inputs)
    }
  }

  /// Maps pictures `[N, 1, 16, 16]` to the C-cells of the last stage, `[N, 24]`.
  public func forward(_ x: Tensor) -> Tensor {
    stages.reduce(x) { x, stage in stage(x) }.flattened(from: 1)
  }
}
