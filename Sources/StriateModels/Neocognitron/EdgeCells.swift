import StriateCore
import StriateIR
import StriateNN

/// The first S-cells: fixed ones, each of which answers an edge of one direction.
///
/// A cell's weights are what contrast cells answer around the middle of a straight step from dark to bright, as if it had
/// learned it. `[N, 2, H, W]` → `[N, directions, H, W]`.
struct EdgeCells: Layer {
  /// The directions around the circle.
  static let directions = 16
  let plan = SCells.Plan(planes: directions, window: 5, learning: 1, recognition: 0.55)
  private let id = LayerID()

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 4, x.shape[1] == 2 else {
      return x.builder.refuse("edge cells", "see [N, 2, H, W], found \(x.type)", operands: [x])
    }
    let shape: Shape = [plan.planes, 2, plan.window, plan.window]
    guard let weights = try? HostTensor(Self.weights(plan), shape: shape) else { return x }
    let filters = x.builder.constant(weights).converted(to: x.dtype)
    return plan.answers(plan.likeness(x, to: filters, noise: plan.noise))
  }

  /// The weights of all cells, `c·u` of unit length.
  static func weights(_ plan: SCells.Plan) -> [Float] {
    let c = RadialWindow(plan.window, decay: plan.decay).weights
    return (0..<plan.planes).flatMap { index -> [Float] in
      let seen = answers(2 * .pi * Double(index) / Double(plan.planes), window: plan.window)
      let squares = zip(seen, c + c).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
      return zip(seen, c + c).map { Float($0 * $1 / max(squares.squareRoot(), 1e-12)) }
    }
  }

  /// What both kinds of contrast cell answer in a window at a step that is bright on the side of an angle.
  private static func answers(_ angle: Double, window: Int) -> [Double] {
    let (cosine, sine) = (Unary.Kind.cos.apply(angle), Unary.Kind.sin.apply(angle))
    let kernel = ContrastCells.weights
    let reach = Double(kernel.side / 2)
    var contrasts: [Double] = []
    for row in 0..<window {
      for column in 0..<window {
        var sum = 0.0
        for (place, weight) in kernel.weights.enumerated() {
          let x = Double(column - window / 2) + Double(place % kernel.side) - reach
          let y = Double(row - window / 2) + Double(place / kernel.side) - reach
          sum += weight * min(max(x * cosine + y * sine + 0.5, 0), 1)
        }
        contrasts.append(sum)
      }
    }
    return contrasts.map { max($0, 0) } + contrasts.map { max(-$0, 0) }
  }
}
