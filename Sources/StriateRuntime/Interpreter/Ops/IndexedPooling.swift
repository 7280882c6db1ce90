import StriateCore
import StriateIR

func maxPoolWithIndices(_ rule: MaxPoolWithIndices, _ arguments: Arguments) -> [Value] {
  let (x, y) = (arguments.reals(0), arguments.results[0].shape)
  let input = Array(arguments.shape(0).dims.dropFirst(2))
  let output = Array(y.dims.dropFirst(2))
  let axes = input.indices.map {
    rule.windows.axis($0, input: input[$0], output: output[$0])
  }
  let strides = Shape(input).strides
  let planes = y[0] * y[1]
  let (inputSize, outputSize) = (Shape(input).count, Shape(output).count)
  var values = [Double](repeating: .nan, count: y.count)
  var indices = [Int64](repeating: -1, count: y.count)
  var window = 0
  forEachIndex(output.map { 0..<$0 }) { index in
    forEachIndex(input.indices.map { 0..<axes[$0].counts[index[$0]] }) { tap in
      let position = input.indices.reduce(0) { sum, axis in
        sum + (axes[axis].starts[index[axis]] + tap[axis] * axes[axis].step) * strides[axis]
      }
      for plane in 0..<planes {
        let (value, result) = (x[plane * inputSize + position], plane * outputSize + window)
        let best = values[result]
        if indices[result] < 0 || value > best || (value.isNaN && !best.isNaN) {
          (values[result], indices[result]) = (value, Int64(position))
        }
      }
    }
    window += 1
  }
  return [.reals(values), .integers(indices)]
}

func maxUnpool(_ arguments: Arguments) -> Value {
  let (y, indices) = (arguments.reals(0), arguments.values[1].integers)
  let (pooled, whole) = (Planes(arguments.shape(0)), Planes(arguments.results[0].shape))
  return .reals(
    filled(arguments.results[0].shape.count) { x in
      for plane in 0..<(whole.images * whole.channels) {
        for p in plane * pooled.size..<(plane + 1) * pooled.size {
          if 0..<Int64(whole.size) ~= indices[p] {
            x[plane * whole.size + Int(indices[p])] += y[p]
          } else {
            x[plane * whole.size] = .nan
          }
        }
      }
    })
}

func maxUnpoolBackward(_ arguments: Arguments) -> Value {
  let (dx, indices) = (arguments.reals(0), arguments.values[1].integers)
  let (whole, pooled) = (Planes(arguments.shape(0)), Planes(arguments.shape(1)))
  return .reals(
    indices.enumerated().map { p, index in
      0..<Int64(whole.size) ~= index ? dx[p / pooled.size * whole.size + Int(index)] : .nan
    })
}
