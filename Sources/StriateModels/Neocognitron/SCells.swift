import StriateCore
import StriateIR
import StriateNN

/// S-cells: how alike what lies in their window is to what they have learned.
///
/// With excitation `e = Σ a(k′,v,k)·u(k′,n+v)`, inhibition `v = √(Σ c(v)·u(k′,n+v)²)` and `b = √(Σ a²/c)`, a cell's
/// likeness `e/(b·v)` is the c-weighted cosine between what it sees and what it learned, and its answer
///
/// ```
/// uS = φ(e/(b·(v + σ)) − θ)/(1 − θ),   φ(x) = max(x, 0)
/// ```
///
/// which is the form of Fukushima, Neural Networks 40, 2013, equation 1, and the limit of that of 1980 and 2003 for strong
/// weights, `r = θ/(1 − θ)`. The σ stands for their `1 +`: where next to nothing is seen nothing is answered. A plane that
/// has learned nothing is silent. `[N, K′, H, W]` → `[N, K, H, W]`.
public struct SCells: Layer {
  /// Extents and constants.
  public struct Plan: Sendable, Hashable {
    /// The most planes that can be learned.
    public var planes: Int
    /// The side of a cell's window; beyond the planes all is zero.
    public var window: Int
    /// The likeness from which on a cell counts as answering while it learns.
    public var learning: Double
    /// The threshold θ in use, which is lower: what is somewhat alike is answered somewhat.
    public var recognition: Double
    /// How c falls with the distance from the middle.
    public var decay = 0.9
    /// What is added to the inhibition, σ.
    public var noise = 0.02

    /// Extents and constants.
    public init(planes: Int, window: Int, learning: Double, recognition: Double) {
      self.planes = planes
      self.window = window
      self.learning = learning
      self.recognition = recognition
    }
  }

  /// Extents and constants.
  public let plan: Plan
  /// The planes before these.
  public let inputs: Int
  /// What excites the cells, `[K, K′, window, window]`; zeros where nothing is learned yet.
  public let a: Parameter

  /// Cells that have learned nothing.
  public init(_ plan: Plan, inputs: Int) {
    self.plan = plan
    self.inputs = inputs
    a = Parameter([plan.planes, inputs, plan.window, plan.window], initializer: .zeros)
  }

  /// How alike what the cells see is to what they learned, 0 to 1, `[N, K, H, W]`.
  ///
  /// - Parameter noise: what is added to the inhibition; none gives the cosine, by which is learned.
  public func likeness(_ x: Tensor, noise: Double = 0) -> Tensor {
    let a = x.builder.read(a)
    let b = sqrt((a * a / plan.c(plan.planes, x)).sum(over: [1, 2, 3], keepingAxes: true))
    return plan.likeness(x, to: a / maximum(b, 1e-12), noise: noise)
  }

  /// Maps C-cells of the stage before to S-cells.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    return plan.answers(likeness(x, noise: plan.noise))
  }
}

extension SCells.Plan {
  /// What excites the cells: `Σ a·u`, `[N, K, H, W]`.
  public func excitation(_ x: Tensor, by a: Tensor) -> Tensor {
    convolution(x, a, padLow: border, padHigh: border)
  }

  /// What the inhibiting cells answer, `v`, `[N, 1, H, W]`.
  public func inhibition(_ x: Tensor) -> Tensor {
    // Fast convolutions may round nothing to less than nothing, and the root of nothing has no slope.
    sqrt(maximum(convolution(x * x, c(1, x), padLow: border, padHigh: border), 0) + 1e-12)
  }

  /// The fixed weights c as filters of so many rows; each plane's sum to one.
  public func c(_ rows: Int, _ x: Tensor) -> Tensor {
    RadialWindow(window, decay: decay).filters(rows, x.shape[1], in: x.builder, as: x.dtype)
  }

  /// How alike what cells see is to weights of unit length.
  func likeness(_ x: Tensor, to unit: Tensor, noise: Double) -> Tensor {
    excitation(x, by: unit) * (1 / (inhibition(x) + noise))
  }

  /// What cells answer to a likeness.
  func answers(_ likeness: Tensor) -> Tensor {
    relu(likeness - recognition) * (1 / (1 - recognition))
  }

  private var border: [Int] { [window / 2, window / 2] }
}
