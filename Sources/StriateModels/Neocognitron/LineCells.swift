import StriateCore
import StriateIR
import StriateNN

/// The first S-cells of 1983 and 1988: twelve that were taught short lines, joined to eight orientations.
///
/// On 3×3 pixels a line along an axis or a diagonal can be drawn in one way and a line between them in two; the two are
/// joined to one orientation. `[N, 1, H, W]` → `[N, 8, H, W]`.
struct LineCells: Layer {
  /// The number of orientations.
  static let orientations = 8
  /// The lines, row after row, and the orientation of each, counted counterclockwise from level.
  static let patterns: [(pixels: [Float], orientation: Int)] = [
    ([0, 0, 0, 1, 1, 1, 0, 0, 0], 0),
    ([0, 0, 1, 1, 1, 0, 0, 0, 0], 1), ([0, 0, 0, 0, 1, 1, 1, 0, 0], 1),
    ([0, 0, 1, 0, 1, 0, 1, 0, 0], 2),
    ([0, 0, 1, 0, 1, 0, 0, 1, 0], 3), ([0, 1, 0, 0, 1, 0, 1, 0, 0], 3),
    ([0, 1, 0, 0, 1, 0, 0, 1, 0], 4),
    ([1, 0, 0, 0, 1, 0, 0, 1, 0], 5), ([0, 1, 0, 0, 1, 0, 0, 0, 1], 5),
    ([1, 0, 0, 0, 1, 0, 0, 0, 1], 6),
    ([1, 0, 0, 0, 1, 1, 0, 0, 0], 7), ([0, 0, 0, 1, 1, 0, 0, 0, 1], 7),
  ]
  let plan: SCells.Plan
  private let id = LayerID()

  init(_ plan: SCells.Plan) { self.plan = plan }

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let c = RadialWindow(plan.window, decay: plan.decay).weights.map { Float($0) }
    let weights = Self.patterns.flatMap { pattern -> [Float] in
      let length = zip(pattern.pixels, c).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }.squareRoot()
      return zip(pattern.pixels, c).map { $0 * $1 / length }
    }
    let join = (0..<Self.orientations).flatMap { orientation -> [Float] in
      Self.patterns.map { $0.orientation == orientation ? 1 : 0 }
    }
    let count = Self.patterns.count
    guard let filters = try? HostTensor(weights, shape: [count, 1, 3, 3]),
      let joins = try? HostTensor(join, shape: [Self.orientations, count, 1, 1])
    else { return x }
    let builder = x.builder
    let likeness = plan.likeness(
      x, to: builder.constant(filters).converted(to: x.dtype), noise: plan.noise)
    return convolution(
      plan.answers(likeness), builder.constant(joins).converted(to: x.dtype))
  }
}
