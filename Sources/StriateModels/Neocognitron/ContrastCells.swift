import StriateCore
import StriateIR
import StriateNN

/// Cells that answer where it is brighter, or darker, than around: the ganglion cells before the first S-cells.
///
/// The difference of two Gaussians, of one sum, and what it is above and below zero as two planes (Fukushima,
/// Neurocomputing 51, 2003, section 2.1). `[N, C, H, W]` → `[N, 2, H + 2, W + 2]`; channels are averaged first. Beyond the
/// picture it goes on as at its edge, so that an even ground has no edge there.
struct ContrastCells: Layer {
  /// The side of a cell's window.
  static let window = 7
  /// The widths of middle and surround, in pixels.
  static let (middle, surround) = (0.8, 2.0)
  private let id = LayerID()

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank == 4 else {
      return x.builder.refuse("contrast cells", "see [N, C, H, W], found \(x.type)", operands: [x])
    }
    let border = [0, 0, Self.window / 2 + 1, Self.window / 2 + 1]
    let grey = x.mean(over: [1], keepingAxes: true)
    let seen = grey.padded(low: border, high: border, mode: .replicate)
    let weights = Self.weights.filters(1, 1, in: x.builder, as: x.dtype)
    let contrast = convolution(seen, weights)
    return concat([relu(contrast), relu(-contrast)], axis: 1) ?? x
  }

  /// The weights of a cell.
  static var weights: RadialWindow {
    RadialWindow(window, sigma: middle) - RadialWindow(window, sigma: surround)
  }
}
