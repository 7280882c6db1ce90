import StriateCore
import StriateIR

/// What our kernels for thin channels cost beside the library's.
///
/// In products of vectors of 16, of which a core of the AVX-512 machine that it was measured on does one a cycle.
/// Extents are below 2^40 each, so all is counted in floating point.
struct ThinCost {
  /// Whether ours is clearly faster.
  let isWorthwhile: Bool
  /// More numbers than a thread's scratch space ever takes, but for a block of images in its own cache.
  let largestScratch: Double

  init(_ types: ConvolutionTypes, _ direction: ConvolutionDirection) {
    let window = types.rule.window
    let images = Double(types.x.shape[0])
    let (inputs, outputs) = (types.w.shape[1], types.w.shape[0] / max(types.rule.groups, 1))
    func padded(_ channels: Int) -> Double { Double((channels + 15) / 16 * 16) }
    var plane = 1.0
    var phases = 1.0
    // Rows of an input gradient end where windows end, not where results do.
    var overhang = 1.0
    for axis in window.kernel.indices {
      let reach = window.reach(axis) - 1
      plane *= Double(types.y.shape[axis + 2] + reach / max(window.stride[axis], 1)) + 1
      phases *= Double(min(window.stride[axis], reach + 1))
      let results = types.y.shape[axis + 2]
      overhang = Double(results + reach / max(window.stride[axis], 1)) / Double(max(results, 1))
    }
    let taps = window.kernel.reduce(1.0) { $0 * Double($1) }
    let results = types.y.shape.dims.dropFirst(2).reduce(1.0) { $0 * Double($1) }
    let pixels = types.x.shape.dims.dropFirst(2).reduce(1.0) { $0 * Double($1) }
    // The library's vectors are channels of the result; sums over the other channels are not padded, but for those
    // of a filter's gradient where they are more than an image's three.
    let library: Double
    switch direction {
    case .forward: library = Double(inputs) * padded(outputs)
    case .inputGradient: library = Double(outputs) * padded(inputs)
    case .filterGradient:
      library = (inputs <= 3 ? Double(inputs) : padded(inputs)) * padded(outputs)
    }
    // Ours copy each operand into lanes or rows.
    let channels = Double(inputs) * Double(outputs)
    let copies = 1.2 * (Double(inputs) * pixels + Double(outputs) * results)
    let own = channels * results * taps / 16 * (direction == .inputGradient ? overhang : 1) * 1.15
    isWorthwhile = images * (own + copies) < 0.8 * images * library * results * taps / 16
    let wide = Double(max(inputs, outputs, 8)) + 8
    largestScratch =
      wide * plane * (phases + 2) + 2 * (taps + 1) * (8 * channels + Double(inputs + outputs) + 64)
  }
}
