import StriateCore
import StriateIR

func reduce(_ rule: Reduce, _ arguments: Arguments) -> Value {
  switch arguments.values[0] {
  case .reals(let x):
    return .reals(reducedReals(rule, x, arguments.shape(0)))
  case .integers(let x):
    let dtype = arguments.results[0].dtype
    let start: Int64 =
      switch rule.kind {
      case .sum, .mean: 0
      case .product: 1
      case .max: .min
      case .min: .max
      }
    let y = reduced(rule, x, arguments.shape(0), from: start) { a, b in
      switch rule.kind {
      case .sum, .mean: a &+ b
      case .product: a &* b
      case .max: max(a, b)
      case .min: min(a, b)
      }
    }
    return .integers(y.map { Value.wrapped($0, dtype) })
  case .booleans(let x):
    let isAny = rule.kind == .max
    return .booleans(
      reduced(rule, x, arguments.shape(0), from: !isAny) { isAny ? $0 || $1 : $0 && $1 })
  }
}

private func reducedReals(_ rule: Reduce, _ x: [Double], _ shape: Shape) -> [Double] {
  switch rule.kind {
  case .sum: return reduced(rule, x, shape, from: 0, +)
  case .product: return reduced(rule, x, shape, from: 1, *)
  case .max: return reduced(rule, x, shape, from: -.infinity, Binary.Kind.maximum.apply)
  case .min: return reduced(rule, x, shape, from: .infinity, Binary.Kind.minimum.apply)
  case .mean:
    let sums = reduced(rule, x, shape, from: 0, +)
    let n = Double(shape.count) / Double(max(sums.count, 1))
    return sums.map { $0 / n }
  }
}

/// The elements along the rule's axes combined in row order.
private func reduced<T>(
  _ rule: Reduce, _ x: [T], _ shape: Shape, from start: T, _ combine: (T, T) -> T
) -> [T] {
  let kept = shape.reduced(axes: rule.axes, keepingAxes: true)
  let strides = kept.strides.enumerated().map { rule.axes.contains($0.offset) ? 0 : $0.element }
  var y = [T](repeating: start, count: kept.count)
  y.withUnsafeMutableBufferPointer { y in
    forEachRow(shape.dims, strides: strides) { flat, offset, count, step in
      guard flat + count <= x.count else { return }
      for i in 0..<count { y[offset + i * step] = combine(y[offset + i * step], x[flat + i]) }
    }
  }
  return y
}

/// The first greatest or least element; the first NaN if there is one.
func argMax(_ rule: ArgMax, _ arguments: Arguments) -> Value {
  let shape = arguments.shape(0)
  func search<T>(_ x: [T], _ wins: (T, T) -> Bool) -> [Int64] {
    let lines = Lines(shape, axis: rule.axis)
    var y = [Int64](repeating: 0, count: lines.count)
    for line in y.indices {
      let start = lines.start(line)
      var best = 0
      for k in 1..<max(lines.extent, 1)
      where wins(x[start + k * lines.step], x[start + best * lines.step]) {
        best = k
      }
      y[line] = Int64(best)
    }
    return y
  }
  return switch arguments.values[0] {
  case .reals(let x):
    .integers(search(x) { (rule.isLeast ? $0 < $1 : $0 > $1) || ($0.isNaN && !$1.isNaN) })
  case .integers(let x): .integers(search(x) { rule.isLeast ? $0 < $1 : $0 > $1 })
  case .booleans(let x): .integers(search(x) { rule.isLeast ? !$0 && $1 : $0 && !$1 })
  }
}

/// The lines of a tensor along one axis, in row order of the other axes.
struct Lines {
  /// Elements of a line.
  let extent: Int
  /// The distance between neighbours of a line.
  let step: Int
  /// The number of lines.
  let count: Int

  init(_ shape: Shape, axis: Int) {
    extent = shape[axis]
    step = Shape(Array(shape.dims.dropFirst(axis + 1))).count
    count = Shape(Array(shape.dims.prefix(axis))).count * step
  }

  /// The position of a line's first element.
  func start(_ line: Int) -> Int { line / step * step * extent + line % step }
}
