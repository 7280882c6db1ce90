import StriateCore
import StriateIR
import StriateNN

/// C-cells: whether any S-cell of their plane answers near them.
///
/// `uC = √(Σ d(v)·uS(n+v))`, d a Gaussian: a blur at every second place, after which a small shift of what is seen
/// changes little. `[N, K, H, W]` → `[N, K, ⌈H/2⌉, ⌈W/2⌉]`.
///
/// Fukushima's d of 2003 has an inhibiting surround besides, which is left out here.
struct CCells: Layer {
  /// The side of a cell's window.
  let window: Int
  /// The Gaussian's width.
  let sigma: Double
  private let id = LayerID()

  init(window: Int, sigma: Double) {
    self.window = window
    self.sigma = sigma
  }

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let planes = x.shape[1]
    let d = RadialWindow(window, sigma: sigma).filters(planes, 1, in: x.builder, as: x.dtype)
    let border = [window / 2, window / 2]
    let blurred = convolution(
      x, d, stride: [2, 2], padLow: border, padHigh: border, groups: planes)
    // The root has a finite slope everywhere, and nothing stays nothing, also where it was rounded to less.
    return sqrt(maximum(blurred, 0) + Self.least) - Self.least.squareRoot()
  }

  private static let least = 1e-8

  /// The extent after these cells.
  static func extent(_ extent: Int) -> Int { (extent + 1) / 2 }
}
