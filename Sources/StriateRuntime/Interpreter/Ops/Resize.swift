import StriateCore
import StriateIR

func resize(_ rule: Resize, _ arguments: Arguments) -> Value {
  let shape = arguments.shape(0)
  return resampled(arguments.reals(0), shape, rule.tables(Array(shape.dims.dropFirst(2))))
}

func resizeBackward(_ rule: ResizeBackward, _ arguments: Arguments) -> Value {
  let tables = rule.resize.tables(rule.spatial).map(\.transposed)
  return resampled(arguments.reals(0), arguments.shape(0), tables)
}

/// The elements of images after a linear map along each spatial axis.
private func resampled(_ x: [Double], _ shape: Shape, _ tables: [ResizeTable]) -> Value {
  var (x, shape) = (x, shape)
  for (axis, table) in tables.enumerated() {
    let from = Lines(shape, axis: axis + 2)
    shape.dims[axis + 2] = table.output
    let to = Lines(shape, axis: axis + 2)
    x = filled(shape.count) { y in
      for line in 0..<to.count {
        let (source, target) = (from.start(line), to.start(line))
        for o in 0..<table.output {
          var sum = 0.0
          for tap in 0..<table.count(o) {
            let element = x[source + (table.starts[o] + tap) * from.step]
            sum += table.weights[table.offsets[o] + tap] * element
          }
          y[target + o * to.step] = sum
        }
      }
    }
  }
  return .reals(x)
}
