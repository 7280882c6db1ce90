import StriateCore
import StriateIR

/// Where the taps of a sliding kernel meet the input: for every tap the rows of outputs that read an
/// element and not padding, over any number of spatial axes.
struct TapRows {
  /// Neighbouring outputs and the inputs that they read, `step` apart.
  struct Row {
    var output: Int
    var input: Int
    var count: Int
  }

  /// The rows of all taps.
  private(set) var rows: [Row] = []
  /// The rows of tap `t` are `starts[t]..<starts[t + 1]`.
  private(set) var starts = [0]
  /// The distance between neighbouring inputs of a row.
  let step: Int

  /// The rows of one channel of one image.
  init(_ window: Window, input: [Int], output: [Int]) {
    let rank = input.count
    let (inputStrides, outputStrides) = (Shape(input).strides, Shape(output).strides)
    step = window.stride[rank - 1]
    forEachIndex(window.kernel.map { 0..<$0 }) { tap in
      let ranges = (0..<rank).map { axis -> Range<Int> in
        let shift = tap[axis] * window.dilation[axis] - window.padLow[axis]
        let stride = window.stride[axis]
        let low = shift >= 0 ? 0 : (stride - 1 - shift) / stride
        let last = input[axis] - 1 - shift
        let high = last < 0 ? 0 : min(last / stride + 1, output[axis])
        return low..<max(low, high)
      }
      let inner = ranges[rank - 1]
      forEachIndex(Array(ranges.dropLast()) + [inner.isEmpty ? 0..<0 : 0..<1]) { index in
        var row = Row(output: inner.lowerBound, input: 0, count: inner.count)
        for axis in 0..<rank {
          let position = axis == rank - 1 ? inner.lowerBound : index[axis]
          if axis < rank - 1 { row.output += position * outputStrides[axis] }
          let source =
            position * window.stride[axis] + tap[axis] * window.dilation[axis] - window.padLow[axis]
          row.input += source * inputStrides[axis]
        }
        rows.append(row)
      }
      starts.append(rows.count)
    }
  }
}

/// The extents of one convolution, and the walk over its pairs of channels.
private struct ConvolutionWalk {
  let images: Int
  let inputs: Int
  let outputs: Int
  let groups: Int
  let inputSize: Int
  let outputSize: Int
  let taps: TapRows

  init(_ rule: Convolution, x: Shape, y: Shape) {
    let (input, output) = (Array(x.dims.dropFirst(2)), Array(y.dims.dropFirst(2)))
    images = x[0]
    inputs = x[1]
    outputs = y[1]
    groups = rule.groups
    inputSize = Shape(input).count
    outputSize = Shape(output).count
    taps = TapRows(rule.window, input: input, output: output)
  }

  /// Calls the body for every image, output channel and input channel of its group with the starts of the
  /// input's plane, the output's plane and the filter's kernel.
  @inline(__always)
  func forEachPair(_ body: (_ x: Int, _ y: Int, _ w: Int) -> Void) {
    let (inputsAGroup, outputsAGroup) = (inputs / groups, outputs / groups)
    let kernel = taps.starts.count - 1
    for image in 0..<images {
      for output in 0..<outputs {
        let first = output / max(outputsAGroup, 1) * inputsAGroup
        for c in 0..<inputsAGroup {
          body(
            (image * inputs + first + c) * inputSize, (image * outputs + output) * outputSize,
            (output * inputsAGroup + c) * kernel)
        }
      }
    }
  }
}

func convolution(_ rule: Convolution, _ arguments: Arguments) -> Value {
  let result = arguments.results[0].shape
  let walk = ConvolutionWalk(rule, x: arguments.shape(0), y: result)
  let (x, w) = (arguments.reals(0), arguments.reals(1))
  return .reals(
    filled(result.count) { y in
      x.withUnsafeBufferPointer { x in
        w.withUnsafeBufferPointer { w in
          let step = walk.taps.step
          walk.forEachPair { xStart, yStart, wStart in
            for tap in 0..<(walk.taps.starts.count - 1) {
              let weight = w[wStart + tap]
              for row in walk.taps.rows[walk.taps.starts[tap]..<walk.taps.starts[tap + 1]] {
                let (source, target) = (xStart + row.input, yStart + row.output)
                for i in 0..<row.count { y[target + i] += weight * x[source + i * step] }
              }
            }
          }
        }
      }
    })
}

func convolutionBackwardInput(
  _ rule: ConvolutionBackwardInput, _ arguments: Arguments
) -> Value {
  let result = arguments.results[0].shape
  let walk = ConvolutionWalk(rule.convolution, x: result, y: arguments.shape(0))
  let (dy, w) = (arguments.reals(0), arguments.reals(1))
  return .reals(
    filled(result.count) { dx in
      dy.withUnsafeBufferPointer { dy in
        w.withUnsafeBufferPointer { w in
          let step = walk.taps.step
          walk.forEachPair { xStart, yStart, wStart in
            for tap in 0..<(walk.taps.starts.count - 1) {
              let weight = w[wStart + tap]
              for row in walk.taps.rows[walk.taps.starts[tap]..<walk.taps.starts[tap + 1]] {
                let (target, source) = (xStart + row.input, yStart + row.output)
                for i in 0..<row.count { dx[target + i * step] += weight * dy[source + i] }
              }
            }
          }
        }
      }
    })
}

func convolutionBackwardFilter(
  _ rule: ConvolutionBackwardFilter, _ arguments: Arguments
) -> Value {
  let result = arguments.results[0].shape
  let walk = ConvolutionWalk(rule.convolution, x: arguments.shape(0), y: arguments.shape(1))
  let (x, dy) = (arguments.reals(0), arguments.reals(1))
  return .reals(
    filled(result.count) { dw in
      x.withUnsafeBufferPointer { x in
        dy.withUnsafeBufferPointer { dy in
          let step = walk.taps.step
          walk.forEachPair { xStart, yStart, wStart in
            for tap in 0..<(walk.taps.starts.count - 1) {
              var sum = 0.0
              for row in walk.taps.rows[walk.taps.starts[tap]..<walk.taps.starts[tap + 1]] {
                let (a, b) = (xStart + row.input, yStart + row.output)
                for i in 0..<row.count { sum += x[a + i * step] * dy[b + i] }
              }
              dw[wStart + tap] += sum
            }
          }
        }
      }
    })
}
