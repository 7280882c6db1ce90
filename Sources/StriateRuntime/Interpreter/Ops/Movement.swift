import StriateCore
import StriateIR

func transpose(_ rule: Transpose, _ arguments: Arguments) -> Value {
  let strides = arguments.shape(0).strides
  return gathered(arguments, strides: rule.order.map { strides[$0] })
}

func broadcast(_ rule: Broadcast, _ arguments: Arguments) -> Value {
  let from = arguments.shape(0)
  let lead = rule.shape.rank - from.rank
  let strides = from.strides
  return gathered(
    arguments,
    strides: (0..<rule.shape.rank).map {
      $0 < lead || from[$0 - lead] == 1 ? 0 : strides[$0 - lead]
    })
}

func slice(_ rule: Slice, _ arguments: Arguments) -> Value {
  let strides = arguments.shape(0).strides
  return gathered(
    arguments, strides: zip(strides, rule.step).map { $0 &* $1 },
    offset: zip(strides, rule.start).reduce(0) { $0 + $1.0 * $1.1 })
}

func reverse(_ rule: Reverse, _ arguments: Arguments) -> Value {
  let shape = arguments.shape(0)
  // Of an empty tensor nothing is read, wherever the offset points.
  let last = rule.axes.reduce(0) { $0 + (shape[$1] - 1) * shape.strides[$1] }
  let strides = shape.strides.enumerated().map { rule.axes.contains($0) ? -$1 : $1 }
  return gathered(arguments, strides: strides, offset: last)
}

func pad(_ rule: Pad, _ arguments: Arguments) -> Value {
  let result = arguments.results[0]
  let strides = result.shape.strides
  let offset = zip(strides, rule.low).reduce(0) { $0 &+ $1.0 &* $1.1 }
  let steps = zip(strides, rule.interior).map { $0 &* ($1 + 1) }
  func scatter<T>(_ x: [T], into y: [T]) -> [T] {
    var y = y
    forEachRow(arguments.shape(0).dims, strides: steps, offset: offset) {
      flat, offset, count, step in
      for i in 0..<count { y[offset + i * step] = x[flat + i] }
    }
    return y
  }
  let empty = Value(repeating: rule.value, result)
  return switch (arguments.values[0], empty) {
  case (.reals(let x), .reals(let y)): .reals(scatter(x, into: y))
  case (.integers(let x), .integers(let y)): .integers(scatter(x, into: y))
  case (let x, let y): .booleans(scatter(x.booleans, into: y.booleans))
  }
}

func concat(_ rule: Concat, _ arguments: Arguments) -> Value {
  let lines = Lines(arguments.results[0].shape, axis: rule.axis)
  let blocks = arguments.types.map { $0.shape[rule.axis] * lines.step }
  let outer = lines.step == 0 ? 0 : lines.count / lines.step
  func join<T>(_ parts: [[T]]) -> [T] {
    var y: [T] = []
    y.reserveCapacity(arguments.results[0].shape.count)
    for row in 0..<outer {
      for (part, block) in zip(parts, blocks) { y += part[row * block..<(row + 1) * block] }
    }
    return y
  }
  return switch arguments.values[0] {
  case .reals: .reals(join(arguments.values.map(\.reals)))
  case .integers: .integers(join(arguments.values.map(\.integers)))
  case .booleans: .booleans(join(arguments.values.map(\.booleans)))
  }
}

/// The first operand's elements at the offsets that these strides give to the result's indices.
private func gathered(_ arguments: Arguments, strides: [Int], offset: Int = 0) -> Value {
  let dims = arguments.results[0].shape.dims
  return switch arguments.values[0] {
  case .reals(let x): .reals(gathered(x, dims, strides: strides, offset: offset))
  case .integers(let x): .integers(gathered(x, dims, strides: strides, offset: offset))
  case .booleans(let x): .booleans(gathered(x, dims, strides: strides, offset: offset))
  }
}

/// The elements at the offsets that these strides give to the indices of a shape.
func gathered<T>(_ x: [T], _ dims: [Int], strides: [Int], offset: Int = 0) -> [T] {
  var y: [T] = []
  y.reserveCapacity(Shape(dims).count)
  forEachRow(dims, strides: strides, offset: offset) { _, offset, count, step in
    for i in 0..<count { y.append(x[offset + i * step]) }
  }
  return y
}
