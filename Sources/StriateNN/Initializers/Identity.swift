import StriateCore
import StriateIR

extension Initializer {
  /// Filters `[O, I, k…]` of which the first `I` hand an input channel on each, the rest drawn by another initialiser.
  ///
  /// The hand-over is a 1 in the filter's middle, for even extents the later one: PyTorch's `dirac_` of the first rows.
  /// Zagoruyko and Komodakis, "DiracNets", 2017.
  public static func identity(over rest: Initializer) -> Initializer {
    let name = "identity(over: \(rest.name))"
    let set: @Sendable ([Double], Shape) -> [Double] = { values, shape in
      var values = rest.finish?(values, shape) ?? values
      let taps = shape.dims.dropFirst(2).reduce(1, *)
      let middle = shape.dims.dropFirst(2).reduce(0) { $0 * $1 + $1 / 2 }
      for channel in 0..<min(shape[0], shape[1]) {
        let filter = channel * shape[1] * taps
        for place in filter..<(filter + shape[1] * taps) { values[place] = 0 }
        values[filter + channel * taps + middle] = 1
      }
      return values
    }
    return Initializer(name, finish: set) { builder, shape in
      guard shape.rank >= 2 else {
        return builder.refuse(name, "takes a matrix or a filter, found \(shape)")
      }
      return rest.make(builder, shape)
    }
  }
}
