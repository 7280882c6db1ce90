import StriateCore
import StriateIR

/// `y[outer, i, inner] = x[outer, index(i), inner]`: where rows lie before and after an axis is replaced.
func gather(_ rule: Gather, _ arguments: Arguments) -> Value {
  let indices = arguments.values[1].integers
  let lines = Lines(arguments.shape(0), axis: rule.axis)
  let outer = lines.step > 0 ? lines.count / lines.step : 0
  func rows<T>(_ x: [T], _ missing: T) -> [T] {
    var y: [T] = []
    y.reserveCapacity(arguments.results[0].shape.count)
    for block in 0..<outer {
      for index in indices {
        guard let row = position(index, lines.extent) else {
          y += [T](repeating: missing, count: lines.step)
          continue
        }
        let start = (block * lines.extent + row) * lines.step
        y += x[start..<start + lines.step]
      }
    }
    return y
  }
  return chosen(
    arguments.values[0], rule.missing, reals: rows, integers: rows, booleans: rows)
}

func scatterAdd(_ rule: ScatterAdd, _ arguments: Arguments) -> Value {
  let indices = arguments.values[1].integers
  let result = arguments.results[0]
  let lines = Lines(result.shape, axis: rule.axis)
  let outer = Shape(Array(result.shape.dims.prefix(rule.axis))).count
  func sums<T>(_ x: [T], _ zero: T, _ add: (T, T) -> T) -> [T] {
    var y = [T](repeating: zero, count: result.shape.count)
    for block in 0..<outer {
      for (i, index) in indices.enumerated() {
        guard let row = position(index, rule.extent) else { continue }
        let source = (block * indices.count + i) * lines.step
        let target = (block * rule.extent + row) * lines.step
        for k in 0..<lines.step { y[target + k] = add(y[target + k], x[source + k]) }
      }
    }
    return y
  }
  return summed(arguments.values[0], result.dtype) {
    sums($0, 0, +)
  } integers: {
    sums($0, 0, &+)
  }
}

func gatherAlong(_ rule: GatherAlong, _ arguments: Arguments) -> Value {
  let indices = arguments.values[1].integers
  let (from, to) = (
    Lines(arguments.shape(0), axis: rule.axis), Lines(arguments.shape(1), axis: rule.axis)
  )
  func elements<T>(_ x: [T], _ missing: T) -> [T] {
    var y = [T](repeating: missing, count: indices.count)
    for line in 0..<to.count {
      for k in 0..<to.extent {
        let target = to.start(line) + k * to.step
        guard let place = position(indices[target], from.extent) else { continue }
        y[target] = x[from.start(line) + place * from.step]
      }
    }
    return y
  }
  return chosen(
    arguments.values[0], rule.missing, reals: elements, integers: elements, booleans: elements)
}

func scatterAddAlong(_ rule: ScatterAddAlong, _ arguments: Arguments) -> Value {
  let indices = arguments.values[1].integers
  let result = arguments.results[0]
  let (from, to) = (
    Lines(arguments.shape(0), axis: rule.axis), Lines(result.shape, axis: rule.axis)
  )
  func sums<T>(_ x: [T], _ zero: T, _ add: (T, T) -> T) -> [T] {
    var y = [T](repeating: zero, count: result.shape.count)
    for line in 0..<from.count {
      for k in 0..<from.extent {
        let source = from.start(line) + k * from.step
        guard let place = position(indices[source], rule.extent) else { continue }
        let target = to.start(line) + place * to.step
        y[target] = add(y[target], x[source])
      }
    }
    return y
  }
  return summed(arguments.values[0], result.dtype) {
    sums($0, 0, +)
  } integers: {
    sums($0, 0, &+)
  }
}

/// An index as a position, or nil where it lies outside.
private func position(_ index: Int64, _ extent: Int) -> Int? {
  index >= 0 && index < extent ? Int(index) : nil
}

/// A choice of elements of any type; reals may be missing as NaN.
private func chosen(
  _ value: Value, _ missing: Gather.Missing, reals: ([Double], Double) -> [Double],
  integers: ([Int64], Int64) -> [Int64], booleans: ([Bool], Bool) -> [Bool]
) -> Value {
  switch value {
  case .reals(let x): .reals(reals(x, missing == .nan ? .nan : 0))
  case .integers(let x): .integers(integers(x, 0))
  case .booleans(let x): .booleans(booleans(x, false))
  }
}

/// Sums of reals or of whole numbers, which wrap.
private func summed(
  _ value: Value, _ dtype: DType, reals: ([Double]) -> [Double], integers: ([Int64]) -> [Int64]
) -> Value {
  if case .reals(let x) = value { return .reals(reals(x)) }
  return .integers(integers(value.integers).map { Value.wrapped($0, dtype) })
}
