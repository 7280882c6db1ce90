import StriateCore

/// How a kernel slides over the spatial axes: shared by convolution and pooling.
///
/// Dilation is 1-based (1 is dense); padding is explicit below and above each axis. Output extent
/// `(in + low + high − (dilation·(kernel − 1) + 1)) / stride + 1`, rounded down.
public struct Window: Sendable, Hashable {
  /// Extents of the kernel.
  public var kernel: [Int]
  /// Steps between neighbouring outputs.
  public var stride: [Int]
  /// Padding before the first element.
  public var padLow: [Int]
  /// Padding after the last element.
  public var padHigh: [Int]
  /// Steps between neighbouring kernel elements.
  public var dilation: [Int]

  /// A window; stride and dilation default to 1, padding to 0.
  public init(
    kernel: [Int], stride: [Int]? = nil, padLow: [Int]? = nil, padHigh: [Int]? = nil,
    dilation: [Int]? = nil
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.padLow = padLow ?? kernel.map { _ in 0 }
    self.padHigh = padHigh ?? padLow ?? kernel.map { _ in 0 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
  }

  /// The extent of the kernel with its gaps.
  public func reach(_ axis: Int) -> Int { dilation[axis] * (kernel[axis] - 1) + 1 }

  static let limit = 1 << 24

  /// The output extents for these input extents.
  func outputs(_ spatial: [Int]) throws(ShapeError) -> [Int] {
    let rank = spatial.count
    for (what, list, least) in [
      ("kernel", kernel, 1), ("stride", stride, 1), ("padding", padLow, 0), ("padding", padHigh, 0),
      ("dilation", dilation, 1),
    ] {
      try expect(list.count == rank, "\(what) \(list) has not \(rank) spatial axes")
      for value in list {
        try expect(
          value >= least && value < Window.limit, "\(what) \(value) is not at least \(least)")
      }
    }
    var result: [Int] = []
    for axis in 0..<rank {
      try expect(
        spatial[axis] > 0 && spatial[axis] < 1 << 40, "extent \(spatial[axis]) is not positive")
      let padded = spatial[axis] + padLow[axis] + padHigh[axis]
      try expect(
        reach(axis) <= padded,
        "a kernel of extent \(reach(axis)) does not fit an input of \(spatial[axis]) with padding "
          + "\(padLow[axis]) + \(padHigh[axis])")
      result.append((padded - reach(axis)) / stride[axis] + 1)
    }
    return result
  }

  /// The padding above that makes a ceil-mode rule come out of the floor rule.
  ///
  /// A last window that would start in the padding above is dropped, as PyTorch does; a window that is larger than
  /// the padded input by less than a step is taken.
  func ceiled(_ spatial: [Int]) -> Window {
    var result = self
    for axis in spatial.indices {
      guard kernel.indices.contains(axis), stride[axis] > 0, 0..<(1 << 40) ~= spatial[axis] else {
        continue
      }
      let span = spatial[axis] + padLow[axis] + padHigh[axis] - reach(axis)
      let rest = span % stride[axis] + (span < 0 ? stride[axis] : 0)
      guard span > -stride[axis], rest != 0 else { continue }
      let windows = (span - rest) / stride[axis] + 2
      if (windows - 1) * stride[axis] < spatial[axis] + padLow[axis] {
        result.padHigh[axis] += stride[axis] - rest
      }
    }
    return result
  }
}
