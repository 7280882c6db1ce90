import StriateIR

/// How far a convolution's input is widened before and after each spatial axis.
public enum Padding: Sendable, Hashable {
  /// So far that the output has `⌈in / stride⌉` elements; an odd number has its extra one at the end.
  ///
  /// TensorFlow's and Keras' rule; at a stride of 1 also PyTorch's.
  case same
  /// By these numbers of elements, an entry an axis, rows first.
  case sides(low: [Int], high: [Int])

  /// The elements before and after each axis of an input of these spatial extents.
  ///
  /// Of impossible windows it gives zeros: the convolution itself refuses them.
  func sides(
    _ spatial: [Int], kernel: [Int], stride: [Int], dilation: [Int]
  ) -> (low: [Int], high: [Int]) {
    switch self {
    case .sides(let low, let high): return (low, high)
    case .same:
      let total = spatial.indices.map { axis -> Int in
        guard kernel.indices.contains(axis), stride.indices.contains(axis),
          dilation.indices.contains(axis)
        else { return 0 }
        let bound = 1..<(1 << 24)
        let (extent, step) = (spatial[axis], stride[axis])
        guard bound ~= extent, bound ~= kernel[axis], bound ~= step, bound ~= dilation[axis] else {
          return 0
        }
        let reach = dilation[axis] * (kernel[axis] - 1) + 1
        return max(((extent - 1) / step) * step + reach - extent, 0)
      }
      return (total.map { $0 / 2 }, total.map { $0 - $0 / 2 })
    }
  }
}

/// What stands where a convolution's input is widened.
public enum PaddingMode: String, Sendable, Hashable, CaseIterable {
  /// Zeros.
  case zeros
  /// The input mirrored at its edge, which is not repeated.
  case reflect
  /// The input's edge.
  case replicate
  /// The input's other end.
  case circular

  /// The fill of a padding; nil for zeros, which convolutions read without making them.
  var fill: PadMode? {
    switch self {
    case .zeros: nil
    case .reflect: .reflect
    case .replicate: .replicate
    case .circular: .circular
    }
  }
}
