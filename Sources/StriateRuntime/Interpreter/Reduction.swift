import StriateCore
import StriateIR

func reduce(_ rule: Reduce, _ arguments: Arguments) -> Value {
  let x = arguments.reals(0)
  let shape = arguments.shape(0)
  let kept = shape.reduced(axes: rule.axes, keepingAxes: true)
  let strides = kept.strides.enumerated().map { rule.axes.contains($0.offset) ? 0 : $0.element }
  let start: Double =
    switch rule.kind {
    case .sum, .mean: 0
    case .max: -.infinity
    case .min: .infinity
    }
  var y = [Double](repeating: start, count: kept.count)
  y.withUnsafeMutableBufferPointer { y in
    forEachRow(shape.dims, strides: strides) { flat, offset, count, step in
      guard flat + count <= x.count else { return }
      switch rule.kind {
      case .sum, .mean: for i in 0..<count { y[offset + i * step] += x[flat + i] }
      case .max:
        for i in 0..<count {
          y[offset + i * step] = Binary.Kind.maximum.apply(y[offset + i * step], x[flat + i])
        }
      case .min:
        for i in 0..<count {
          y[offset + i * step] = Binary.Kind.minimum.apply(y[offset + i * step], x[flat + i])
        }
      }
    }
  }
  if rule.kind == .mean {
    let n = Double(shape.count) / Double(max(kept.count, 1))
    for i in y.indices { y[i] /= n }
  }
  return .reals(y)
}

/// The first greatest element; the first NaN if there is one.
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
  case .reals(let x): .integers(search(x) { $0 > $1 || ($0.isNaN && !$1.isNaN) })
  case .integers(let x): .integers(search(x, >))
  case .booleans(let x): .integers(search(x) { $0 && !$1 })
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
