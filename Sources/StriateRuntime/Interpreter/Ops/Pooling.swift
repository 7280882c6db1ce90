import StriateCore
import StriateIR

/// For every output position of a pooled plane the input positions under its window, in row order.
struct WindowTaps {
  /// The input positions of all windows.
  private(set) var positions: [Int] = []
  /// Window `p` covers `positions[starts[p]..<starts[p + 1]]`.
  private(set) var starts = [0]
  /// Elements of an input plane.
  let inputSize: Int
  /// Elements of an output plane.
  let outputSize: Int

  init(_ window: Window, input: [Int], output: [Int]) {
    inputSize = Shape(input).count
    outputSize = Shape(output).count
    let strides = Shape(input).strides
    forEachIndex(output.map { 0..<$0 }) { index in
      let starts = input.indices.map { index[$0] * window.stride[$0] - window.padLow[$0] }
      let ranges = input.indices.map { axis -> Range<Int> in
        let (start, gap) = (starts[axis], window.dilation[axis])
        let low = start >= 0 ? 0 : (gap - 1 - start) / gap
        let last = input[axis] - 1 - start
        let high = last < 0 ? 0 : min(last / gap + 1, window.kernel[axis])
        return low..<max(low, high)
      }
      forEachIndex(ranges) { tap in
        var position = 0
        for axis in input.indices {
          position += (starts[axis] + tap[axis] * window.dilation[axis]) * strides[axis]
        }
        positions.append(position)
      }
      self.starts.append(positions.count)
    }
  }

  init(_ window: Window, x: Shape, y: Shape) {
    self.init(window, input: Array(x.dims.dropFirst(2)), output: Array(y.dims.dropFirst(2)))
  }

  /// The input positions of a window.
  subscript(window: Int) -> ArraySlice<Int> { positions[starts[window]..<starts[window + 1]] }

  /// The first greatest position of a window in a plane; a NaN wins.
  func greatest(_ window: Int, _ x: [Double], plane: Int) -> Int? {
    var best: Int?
    for position in self[window] {
      let value = x[plane * inputSize + position]
      guard let current = best.map({ x[plane * inputSize + $0] }) else {
        best = position
        continue
      }
      if value > current || (value.isNaN && !current.isNaN) { best = position }
    }
    return best
  }
}

func maxPool(_ rule: MaxPool, _ arguments: Arguments) -> Value {
  let (x, result) = (arguments.reals(0), arguments.results[0].shape)
  let taps = WindowTaps(rule.window, x: arguments.shape(0), y: result)
  let greatest = Value.reals(
    filled(result.count) { y in
      for plane in 0..<(result[0] * result[1]) {
        for window in 0..<taps.outputSize {
          let best = taps.greatest(window, x, plane: plane)
          y[plane * taps.outputSize + window] = best.map { x[plane * taps.inputSize + $0] } ?? .nan
        }
      }
    })
  return arguments.types[0].dtype.isInteger ? .integers(greatest.integers) : greatest
}

func maxPoolBackward(_ rule: MaxPoolBackward, _ arguments: Arguments) -> Value {
  let (x, dy) = (arguments.reals(0), arguments.reals(2))
  let result = arguments.results[0].shape
  let taps = WindowTaps(rule.window, x: result, y: arguments.shape(1))
  return .reals(
    filled(result.count) { dx in
      for plane in 0..<(result[0] * result[1]) {
        for window in 0..<taps.outputSize {
          guard let best = taps.greatest(window, x, plane: plane) else { continue }
          dx[plane * taps.inputSize + best] += dy[plane * taps.outputSize + window]
        }
      }
    })
}

func averagePool(_ rule: AveragePool, _ arguments: Arguments) -> Value {
  let (x, result) = (arguments.reals(0), arguments.results[0].shape)
  let taps = WindowTaps(rule.window, x: arguments.shape(0), y: result)
  let full = Double(Shape(rule.window.kernel).count)
  return .reals(
    filled(result.count) { y in
      for plane in 0..<(result[0] * result[1]) {
        for window in 0..<taps.outputSize {
          var sum = 0.0
          for position in taps[window] { sum += x[plane * taps.inputSize + position] }
          y[plane * taps.outputSize + window] =
            sum / (rule.countsPadding ? full : Double(taps[window].count))
        }
      }
    })
}

func averagePoolBackward(_ rule: AveragePoolBackward, _ arguments: Arguments) -> Value {
  let (dy, result) = (arguments.reals(0), arguments.results[0].shape)
  let taps = WindowTaps(rule.window, x: result, y: arguments.shape(0))
  let full = Double(Shape(rule.window.kernel).count)
  return .reals(
    filled(result.count) { dx in
      for plane in 0..<(result[0] * result[1]) {
        for window in 0..<taps.outputSize {
          let share =
            dy[plane * taps.outputSize + window]
            / (rule.countsPadding ? full : Double(taps[window].count))
          for position in taps[window] { dx[plane * taps.inputSize + position] += share }
        }
      }
    })
}
