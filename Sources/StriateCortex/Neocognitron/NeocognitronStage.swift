import StriateCore
import StriateIR
import StriateModels
import StriateNN

/// One stage of the Neocognitron of 1980: S-cells that learn what they answer, C-cells that forgive where it is.
///
/// Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by
/// shift in position", Biol. Cybern. 36, 1980, equations 1 to 6. With φ(x) = max(x, 0):
///
/// ```
/// uS(k,n) = r·φ((1 + Σ a(k′,v,k)·uC(k′,n+v)) / (1 + 2r/(1+r)·b(k)·vC(n)) − 1)
/// vC(n)   = √(Σ c(v)·uC(k′,n+v)²)
/// uC(k,n) = ψ((1 + Σ d(v)·uS(k,n+v)) / (1 + vS(n)) − 1),  ψ(x) = φ(x)/(α + φ(x))
/// vS(n)   = 1/K·Σ d(v)·uS(k,n+v)
/// ```
///
/// Only a and b learn. After one reinforcement a cell answers a pattern whose c-weighted cosine with what it learned
/// exceeds r/(1+r).
public struct NeocognitronStage: Layer {
  /// The extents and constants of a stage.
  public struct Plan: Sendable, Hashable {
    /// Planes of S- and of C-cells.
    public var planes = 24
    /// The side of an S-cell's window, and the border of zeros around the planes before it.
    public var window = 5
    public var border: Int
    /// The side of a C-cell's window, the step between windows, and the border of zeros.
    public var pooling = 5
    public var stride = 2
    public var poolingBorder = 4
    /// The side of the columns in which S-cells compete.
    public var column = 5
    /// The selectivity r, the speed of learning q, and α.
    public var r: Double
    public var q: Double
    public var alpha = 0.5
    /// How c and d fall with the distance from their middle, and what d sums to.
    public var decay = 0.8
    public var poolingDecay: Double
    public var poolingGain: Double

    /// A stage's extents and constants.
    public init(
      border: Int, r: Double, q: Double, poolingDecay: Double, poolingGain: Double
    ) {
      self.border = border
      self.r = r
      self.q = q
      self.poolingDecay = poolingDecay
      self.poolingGain = poolingGain
    }
  }

  /// The extents and constants.
  public let plan: Plan
  /// The planes before this stage.
  public let inputs: Int
  /// What excites S-cells, `[K, K′, window, window]`.
  public let a: Parameter
  /// What inhibits them, `[K]`.
  public let b: Parameter

  /// A stage that has learned nothing.
  public init(_ plan: Plan, inputs: Int) {
    self.plan = plan
    self.inputs = inputs
    a = Parameter(
      [plan.planes, inputs, plan.window, plan.window], initializer: .constant(1e-4))
    b = Parameter([plan.planes], initializer: .zeros)
  }

  /// What S-cells make of C-cells `[N, K′, H, W]`.
  public func respond(_ x: Tensor) -> Tensor {
    let share = 2 * plan.r / (1 + plan.r)
    let held =
      x.builder.read(b).reshaped([1, plan.planes, 1, 1]) * inhibition(x) * share
    // (1 + e)/(1 + h) − 1 without the difference of two numbers near one: at first e is about 10⁻⁴, and which cell
    // answers most is decided by its last digits.
    return relu((excitation(x) - held) / (held + 1)) * plan.r
  }

  /// What excites S-cells, `Σ a·uC`.
  func excitation(_ x: Tensor) -> Tensor {
    convolution(x, x.builder.read(a), padLow: pad, padHigh: pad)
  }

  /// What the cells answer that inhibit S-cells: vC, `[N, 1, H, W]`.
  package func inhibition(_ x: Tensor) -> Tensor {
    // Fast convolutions may round nothing to less than nothing.
    sqrt(maximum(convolution(x * x, c(x), padLow: pad, padHigh: pad), 0))
  }

  /// The fixed weights c, `[1, K′, window, window]`, which sum to one.
  func c(_ x: Tensor) -> Tensor {
    let window = RadialWindow(plan.window, decay: plan.decay) * (1 / Double(inputs))
    return window.filters(1, inputs, in: x.builder, as: x.dtype)
  }

  private var pad: [Int] { [plan.border, plan.border] }

  /// What C-cells make of S-cells.
  public func pooled(_ s: Tensor) -> Tensor {
    let window = RadialWindow(plan.pooling, decay: plan.poolingDecay) * plan.poolingGain
    let d = window.filters(plan.planes, 1, in: s.builder, as: s.dtype)
    let pad = [plan.poolingBorder, plan.poolingBorder]
    let excited = convolution(
      s, d, stride: [plan.stride, plan.stride], padLow: pad, padHigh: pad, groups: plan.planes)
    let mean = excited.mean(over: [1], keepingAxes: true)
    let x = relu((excited - mean) / (mean + 1))
    return x / (x + plan.alpha)
  }

  /// Maps C-cells of the stage before, `[N, K′, H, W]`, to C-cells `[N, K, H′, W′]`.
  public func forward(_ x: Tensor) -> Tensor { pooled(respond(x)) }
}
