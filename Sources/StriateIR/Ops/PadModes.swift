import StriateCore

/// What a padding is filled with.
public enum PadMode: Sendable, Hashable {
  /// A number.
  case constant(Double)
  /// The elements mirrored at the edge, which is not repeated: `[c b | a b c | b a]`.
  case reflect
  /// The element at the edge: `[a a | a b c | c c]`.
  case replicate
  /// The elements from the other end: `[b c | a b c | a b]`.
  case circular
}

extension Tensor {
  /// Elements before and after those of each axis, by a mode.
  ///
  /// A reflection takes less than an axis' extent, a circle at most as much, on either side.
  public func padded(low: [Int], high: [Int], mode: PadMode) -> Tensor {
    if isPoisoned { return self }
    if case .constant(let value) = mode { return padded(low: low, high: high, value: value) }
    guard low.count == shape.rank, high.count == shape.rank else {
      return builder.refuse(
        "pad", "takes a padding for each of the \(shape.rank) axes of \(shape)", operands: [self])
    }
    return shape.dims.indices.reduce(self) {
      $0.isPoisoned ? $0 : $0.padded(axis: $1, low[$1], high[$1], mode)
    }
  }

  /// One axis padded from the tensor's own elements.
  private func padded(axis: Int, _ low: Int, _ high: Int, _ mode: PadMode) -> Tensor {
    if low == 0 && high == 0 { return self }
    let extent = shape[axis]
    let limit =
      switch mode {
      case .reflect: extent - 1
      case .circular: extent
      default: extent > 0 ? 1 << 30 : 0
      }
    guard low >= 0, high >= 0, low <= limit, high <= limit else {
      return builder.refuse(
        "pad",
        "axis \(axis) of \(shape) takes 0 to \(Swift.max(limit, 0)) elements, found \(low) and \(high)",
        operands: [self])
    }
    func edge(_ from: Int, _ count: Int) -> Tensor {
      var wide = shape
      wide.dims[axis] = count
      return slice(axis: axis, from: from, to: from + 1).broadcast(to: wide)
    }
    func part(_ from: Int, _ to: Int) -> Tensor {
      let part = slice(axis: axis, from: from, to: to)
      return mode == .reflect ? part.reversed(axes: [axis]) : part
    }
    let (before, after): (Tensor?, Tensor?) =
      switch mode {
      case .reflect:
        (low > 0 ? part(1, 1 + low) : nil, high > 0 ? part(extent - 1 - high, extent - 1) : nil)
      case .circular: (low > 0 ? part(extent - low, extent) : nil, high > 0 ? part(0, high) : nil)
      default: (low > 0 ? edge(0, low) : nil, high > 0 ? edge(extent - 1, high) : nil)
      }
    return concat([before, self, after].compactMap { $0 }, axis: axis) ?? self
  }
}
