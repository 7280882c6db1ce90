import StriateCore
import StriateIR
import StriateNN

/// The Neocognitron of 2003, of any input's extent, with the learning rules that came after.
///
/// | layer | planes | of 28×28 | window | how it comes about |
/// |---|---|---|---|---|
/// | contrast | 2 | 30×30 | 7×7 | fixed: differences of Gaussians |
/// | S1 | 16 | 30×30 | 5×5 | fixed: edges of 16 directions, θ = 0.55 |
/// | C1 | 16 | 15×15 | 7×7, every second place | fixed: a Gaussian |
/// | S2 | ≤ 200 | 15×15 | 3×3 | learned without a teacher |
/// | C2 | as S2 | 8×8 | 5×5, every second place | fixed |
/// | S3 | ≤ 200 | 8×8 | all planes at one place | learned without a teacher |
/// | C3 | as S3 | 4×4 | 5×5, every second place | fixed |
/// | S4 | ≤ 15 a class | 1 | all of C3 | learned with a teacher |
///
/// Fukushima, "Neocognitron for handwritten digit recognition", Neurocomputing 51, 2003; "Training multi-layered neural
/// network neocognitron", Neural Networks 40, 2013. The papers' pictures are 65×65 and their windows and thresholds fit
/// those; here they are chosen for pictures of about half that. Nothing is learned by gradients: see `NeocognitronRule`.
public struct Neocognitron: Layer {
  /// What can be chosen.
  public struct Plan: Sendable, Hashable {
    /// The S-cells of the second stage.
    public var s2 = SCells.Plan(planes: 200, window: 3, learning: 0.75, recognition: 0.65)
    /// Those of the third.
    public var s3 = SCells.Plan(planes: 200, window: 1, learning: 0.6, recognition: 0.4)
    /// The most reference vectors a class.
    public var perClass = 15
    /// How classes are scored.
    public var readOut = ReferenceCells.ReadOut.segments

    /// The published order, with extents for pictures of about 28×28.
    public init() {}
  }

  let contrast = ContrastCells()
  let s1 = EdgeCells()
  let c1 = CCells(window: 7, sigma: 1.5)
  /// The S-cells that learn, stage 2 and 3.
  public let s2: SCells
  let c2 = CCells(window: 5, sigma: 0.7)
  public let s3: SCells
  let c3 = CCells(window: 5, sigma: 0.7)
  /// The S-cells of the last stage.
  public let s4: ReferenceCells

  /// What scores are multiplied by to be logits: cosines are close to each other.
  public static let sharpness = 50.0

  /// A network that has learned nothing.
  ///
  /// - Parameter input: the shape of one picture, `[C, H, W]`.
  public init(classes: Int = 10, input: Shape = [1, 28, 28], plan: Plan = Plan()) {
    s2 = SCells(plan.s2, inputs: EdgeCells.directions)
    s3 = SCells(plan.s3, inputs: plan.s2.planes)
    func extent(_ axis: Int) -> Int {
      (0..<3).reduce((input.rank == 3 ? input[axis] : 0) + 2) { side, _ in CCells.extent(side) }
    }
    s4 = ReferenceCells(
      classes: classes, perClass: plan.perClass,
      features: plan.s3.planes * extent(1) * extent(2), readOut: plan.readOut)
  }

  /// What reaches the S-cells of a stage: 2, 3 or 4.
  public func before(_ stage: Int, _ x: Tensor) -> Tensor {
    let c1 = c1(s1(contrast(x)))
    if stage == 2 { return c1 }
    let c2 = c2(s2(c1))
    if stage == 3 { return c2 }
    return c3(s3(c2)).flattened(from: 1)
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor { s4(before(4, x)) * Self.sharpness }
}
