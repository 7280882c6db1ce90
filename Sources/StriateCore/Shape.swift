/// The extents of a tensor, outermost first: images are `[N, C, H, W]`.
///
/// Every accessor is total: an axis that does not exist has extent 0, and the element count saturates
/// instead of overflowing, so that shapes that come from files and users can be asked anything.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost first.
  public var dims: [Int]

  /// A shape of these extents.
  @inlinable public init(_ dims: [Int]) { self.dims = dims }

  /// A shape of these extents.
  @inlinable public init(arrayLiteral elements: Int...) { dims = elements }

  /// The shape of a scalar.
  public static let scalar: Shape = []

  /// The number of axes.
  @inlinable public var rank: Int { dims.count }

  /// The number of elements; saturates at `Int.max`, and is 0 if an extent is negative.
  public var count: Int {
    var total = 1
    for dim in dims {
      if dim <= 0 { return 0 }
      let (product, overflow) = total.multipliedReportingOverflow(by: dim)
      if overflow { return .max }
      total = product
    }
    return total
  }

  /// The extent of an axis, counted from the end if negative; 0 where there is no such axis.
  @inlinable public subscript(axis: Int) -> Int {
    let index = axis < 0 ? axis + dims.count : axis
    return index >= 0 && index < dims.count ? dims[index] : 0
  }

  /// The distance in elements between neighbours along each axis, rows contiguous.
  public var strides: [Int] {
    var result = [Int](repeating: 1, count: rank)
    var step = 1
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      result[axis] = step
      step = step.multipliedReportingOverflow(by: max(dims[axis], 1)).partialValue
    }
    return result
  }

  /// The axis counted from the front, or nil where there is no such axis.
  public func normalized(axis: Int) -> Int? {
    let index = axis < 0 ? axis + rank : axis
    return index >= 0 && index < rank ? index : nil
  }

  /// This shape with the given axes taken out, or set to 1.
  public func reduced(axes: [Int], keepingAxes: Bool) -> Shape {
    var result: [Int] = []
    for (axis, dim) in dims.enumerated() {
      if !axes.contains(axis) {
        result.append(dim)
      } else if keepingAxes {
        result.append(1)
      }
    }
    return Shape(result)
  }

  /// The shape both operands broadcast to by NumPy's rule, or nil where they do not.
  public static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = max(a.rank, b.rank)
    var result = [Int](repeating: 1, count: rank)
    for back in 1..<(rank + 1) {
      let x = back <= a.rank ? a[-back] : 1
      let y = back <= b.rank ? b[-back] : 1
      guard x == y || x == 1 || y == 1 else { return nil }
      result[rank - back] = x == 1 ? y : x
    }
    return Shape(result)
  }

  /// The extents in brackets: `[128, 1, 28, 28]`.
  public var description: String {
    "[" + dims.map(String.init).joined(separator: ", ") + "]"
  }
}

/// An element type and a shape: all that a shape rule needs to know of a tensor.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
  /// The element type.
  public var dtype: DType
  /// The extents.
  public var shape: Shape

  /// A tensor type.
  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The bytes a dense tensor of this type takes; saturates at `Int.max`.
  public var byteCount: Int {
    let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: dtype.size)
    return overflow ? .max : bytes
  }

  /// Element type and extents: `f32[128, 10]`.
  public var description: String { "\(dtype)\(shape)" }
}
