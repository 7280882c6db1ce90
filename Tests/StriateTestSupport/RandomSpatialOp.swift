import StriateCore
import StriateIR

extension Garbage {
  /// Any op on images, added after the first ones, with garbage for attributes.
  mutating func spatialOp(_ shape: Shape) -> Op {
    let axes = max(shape.rank - 2, 0)
    let local = LocalResponse(size: extent(), alpha: number(), beta: number(), k: number())
    let resize = Resize(
      size: extents(small(0..<9) == 0 ? nil : axes),
      mode: Resize.Mode.allCases[small(0..<Resize.Mode.allCases.count)],
      alignsCorners: small(0..<4) == 0, antialiases: small(0..<4) == 0,
      factors: small(0..<3) == 0 ? (0..<axes).map { _ in number() } : nil)
    switch small(0..<9) {
    case 0:
      let sizes = extents(small(0..<9) == 0 ? nil : axes)
      let windows = small(0..<2) == 0 ? PoolWindows.adaptive(sizes) : .sliding(window(axes))
      return .maxPoolWithIndices(MaxPoolWithIndices(windows))
    case 1: return .maxUnpool(MaxUnpool(spatial: extents(small(0..<9) == 0 ? nil : axes)))
    case 2: return .maxUnpoolBackward(MaxUnpoolBackward())
    case 3: return .standardize(Standardize(axes: extent(), epsilon: number()))
    case 4: return .standardizeBackward(StandardizeBackward(axes: extent()))
    case 5: return .localResponse(local)
    case 6: return .localResponseBackward(LocalResponseBackward(local))
    case 7: return .resize(resize)
    default:
      let spatial = extents(small(0..<9) == 0 ? nil : axes)
      return .resizeBackward(ResizeBackward(resize, spatial: spatial))
    }
  }

  /// What such an op plausibly takes.
  static func spatialOperands(of op: Op, _ first: TensorType) -> [TensorType] {
    switch op {
    case .maxUnpool, .maxUnpoolBackward: return [first, TensorType(.int32, first.shape)]
    case .standardizeBackward(let rule):
      let lead = first.shape.dims.dropLast(min(max(rule.axes, 0), first.shape.rank))
      return [first, TensorType(first.dtype, Shape(Array(lead))), first]
    case .localResponseBackward: return [first, first]
    case .resizeBackward(let rule):
      let x = TensorType(first.dtype, Shape(Array(first.shape.dims.prefix(2)) + rule.spatial))
      return [(try? rule.resize.infer([x]))?.first ?? first]
    default: return [first]
    }
  }
}
