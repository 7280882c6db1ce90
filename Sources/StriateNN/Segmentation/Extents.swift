import StriateCore
import StriateIR

extension Tensor {
  /// Images `[N, C, H, W]` bilinearly resampled to the extents of another, pixels as areas.
  public func resampled(like other: Tensor) -> Tensor {
    if isPoisoned || other.isPoisoned { return isPoisoned ? self : other }
    return resize(self, size: Array(other.shape.dims.dropFirst(2)))
  }

  /// The middle of images `[N, C, H, W]`, of the extents of others, or what begins at an offset along each axis.
  public func cropped(like other: Tensor, offset: Int? = nil) -> Tensor {
    if isPoisoned || other.isPoisoned { return isPoisoned ? self : other }
    return cropped(to: Array(other.shape.dims.dropFirst(2)), offset: offset)
  }

  /// The middle of images `[N, C, H, W]`, of these extents, or what begins at an offset along each axis.
  ///
  /// A middle that cannot be even has its extra row or column cut off at the end.
  public func cropped(to size: [Int], offset: Int? = nil) -> Tensor {
    if isPoisoned { return self }
    let spatial = Array(shape.dims.dropFirst(2))
    guard shape.rank == size.count + 2, zip(spatial, size).allSatisfy({ $0 >= $1 && $1 >= 1 })
    else {
      return builder.refuse(
        "crop", "a middle of \(Shape(size)) must lie in the images, found \(type)",
        operands: [self])
    }
    var result = self
    for (axis, extent) in size.enumerated() {
      let start = offset ?? (spatial[axis] - extent) / 2
      guard start >= 0, start + extent <= spatial[axis] else {
        return builder.refuse(
          "crop", "\(extent) elements from \(start) on do not lie in axis \(axis + 2) of \(type)",
          operands: [self])
      }
      if extent < spatial[axis] {
        result = result.slice(axis: axis + 2, from: start, to: start + extent)
      }
    }
    return result
  }

  /// Images `[N, C, H, W]` with zeros at the end of each axis up to the next multiple of a stride.
  public func widened(toMultipleOf stride: Int) -> Tensor {
    if isPoisoned { return self }
    guard shape.rank == 4, stride >= 1 else {
      return builder.refuse(
        "widen", "takes images [N, C, H, W], found \(type)", operands: [self])
    }
    let missing = shape.dims.dropFirst(2).map { (stride - $0 % stride) % stride }
    if missing.allSatisfy({ $0 == 0 }) { return self }
    return padded(low: [0, 0, 0, 0], high: [0, 0] + missing)
  }
}
