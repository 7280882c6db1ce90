import StriateCore
import StriateIR
import StriateNN

/// The Neocognitrons of 1983 and 1988, whose planes were taught one after the other: a reconstruction.
///
/// | layer | 1983 | 1988 | window |
/// |---|---|---|---|
/// | U0 | 19×19 | 19×19 | |
/// | S1, C1 | 12×19×19, 8×11×11 | 12×19×19, 8×21×21 | 3×3, 5×5 |
/// | S2, C2 | 38×11×11, 22×7×7 | 38×21×21, 19×13×13 | 5×5, 5×5 |
/// | S3, C3 | 32×7×7, 30×7×7 | 35×13×13, 23×7×7 | 5×5, 3×3 or 5×5 |
/// | S4, C4 | 16×3×3, 10 | 11×3×3, 10 | 5×5, 3×3 |
///
/// Fukushima, Miyake and Ito, IEEE Trans. SMC-13, 1983; Fukushima, Neural Networks 1, 1988. S-planes that mean the same
/// are joined to one C-plane. Extents and numbers of planes are the papers'; the patterns that each plane was taught, the
/// joins and some constants were never printed. Here a teacher takes them from the training pictures, see
/// `NeocognitronTeacher`. Pictures of other extents are averaged to 19×19.
public struct TaughtNeocognitron: Layer {
  /// Numbers of planes, and how C-cells look at S-cells.
  public struct Plan: Sendable, Hashable {
    /// The planes of S2, S3 and S4.
    public var simple: [Int]
    /// The planes of C2 and C3.
    public var complex: [Int]
    /// The side, step and border of the windows of C1, C2 and C3.
    var windows: [[Int]]
    /// The selectivity r of S1 to S4; a cell answers what is more alike than r/(1 + r).
    ///
    /// Chosen on handwritten digits of a training set: with 1.7, 4, 1.5 and 1, which the papers are remembered to have,
    /// next to no cell answers a digit that was not taught.
    public var selectivity = [0.7, 1.5, 0.8, 0.1]

    /// The network of 1983.
    public static let published1983 = Plan(
      simple: [38, 32, 16], complex: [22, 30], windows: [[5, 2, 3], [5, 2, 3], [3, 1, 1]])
    /// The network of 1988.
    public static let published1988 = Plan(
      simple: [38, 35, 11], complex: [19, 23], windows: [[5, 1, 3], [5, 2, 4], [5, 2, 2]])

    func cells(_ stage: Int, window: Int, planes: Int) -> SCells.Plan {
      let r = selectivity.indices.contains(stage) ? selectivity[stage] : 1
      return SCells.Plan(
        planes: planes, window: window, learning: r / (1 + r), recognition: r / (1 + r))
    }
  }

  /// The side of U0.
  public static let side = 19
  /// What answers are multiplied by to be logits.
  public static let sharpness = 50.0

  let lines: LineCells
  /// The S-cells that are taught.
  public let s2, s3, s4: SCells
  /// Which S-planes each C-plane joins, ones and zeros `[C-planes, S-planes]`.
  public let join2, join3, join4: Parameter
  private let plan: Plan

  /// A network that was taught nothing.
  public init(classes: Int = 10, plan: Plan = .published1988) {
    self.plan = plan
    lines = LineCells(plan.cells(0, window: 3, planes: LineCells.patterns.count))
    s2 = SCells(plan.cells(1, window: 5, planes: plan.simple[0]), inputs: LineCells.orientations)
    s3 = SCells(plan.cells(2, window: 5, planes: plan.simple[1]), inputs: plan.complex[0])
    // As many more planes as the papers have for ten classes.
    let last = max(plan.simple[2] - 10, 0) + max(classes, 1)
    s4 = SCells(plan.cells(3, window: 5, planes: last), inputs: plan.complex[1])
    func join(_ c: Int, _ s: Int) -> Parameter {
      Parameter([c, s], role: .buffer, initializer: .zeros)
    }
    join2 = join(plan.complex[0], plan.simple[0])
    join3 = join(plan.complex[1], plan.simple[1])
    join4 = join(max(classes, 1), last)
  }

  /// The picture as U0 has it, `[N, 1, 19, 19]`.
  public func retina(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 4 else {
      return x.builder.refuse("U0", "sees [N, C, H, W], found \(x.type)", operands: [x])
    }
    let grey = x.mean(over: [1], keepingAxes: true)
    if grey.shape[2] == Self.side, grey.shape[3] == Self.side { return grey }
    return adaptiveAveragePool(grey, size: [Self.side, Self.side])
  }

  /// What reaches the S-cells of a stage: 2, 3 or 4.
  public func before(_ stage: Int, _ x: Tensor) -> Tensor {
    let c1 = complex(lines(retina(x)), 0)
    if stage == 2 { return c1 }
    let c2 = complex(joined(s2(c1), join2), 1)
    if stage == 3 { return c2 }
    return complex(joined(s3(c2), join3), 2)
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`: of each class's planes the greatest answer in the middle 3×3.
  public func forward(_ x: Tensor) -> Tensor {
    let answers = s4(before(4, x))
    if answers.isPoisoned { return answers }
    let middle = answers.slice(axis: 2, from: 2, to: 5).slice(axis: 3, from: 2, to: 5)
    let best = middle.max(over: [2, 3])  // [N, S4]
    let owners = best.builder.read(join4).converted(to: best.dtype)
    let (classes, planes) = (owners.shape[0], owners.shape[1])
    let own = best.reshaped([best.shape[0], 1, planes]) * owners.reshaped([1, classes, planes])
    return own.max(over: [2]) * Self.sharpness
  }

  /// S-planes summed to C-planes' parts.
  private func joined(_ s: Tensor, _ join: Parameter) -> Tensor {
    if s.isPoisoned { return s }
    let shape = join.type.shape
    return convolution(s, s.builder.read(join).reshaped([shape[0], shape[1], 1, 1]))
  }

  /// C-cells: `ψ((1 + Σ d·uS)/(1 + vS) − 1)` with `ψ(x) = x/(1 + x)` above zero, vS the mean over planes.
  private func complex(_ s: Tensor, _ stage: Int) -> Tensor {
    if s.isPoisoned { return s }
    let (side, step, border) = (
      plan.windows[stage][0], plan.windows[stage][1], plan.windows[stage][2]
    )
    let window = RadialWindow(side, decay: 0.8) * 4
    let d = window.filters(s.shape[1], 1, in: s.builder, as: s.dtype)
    let excited = convolution(
      s, d, stride: [step, step], padLow: [border, border], padHigh: [border, border],
      groups: s.shape[1])
    let mean = excited.mean(over: [1], keepingAxes: true)
    let x = relu((excited - mean) / (mean + 1))
    return x / (x + 1)
  }
}
