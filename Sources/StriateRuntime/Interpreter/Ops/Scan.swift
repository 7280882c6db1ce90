import StriateCore
import StriateIR

func cumulativeSum(_ rule: CumulativeSum, _ arguments: Arguments) -> Value {
  let lines = Lines(arguments.shape(0), axis: rule.axis)
  func scan<T>(_ x: [T], _ add: (T, T) -> T) -> [T] {
    var y = x
    for line in 0..<lines.count {
      for k in 1..<max(lines.extent, 1) {
        let place = rule.isReversed ? lines.extent - 1 - k : k
        let position = lines.start(line) + place * lines.step
        y[position] = add(y[position + (rule.isReversed ? lines.step : -lines.step)], x[position])
      }
    }
    return y
  }
  switch arguments.values[0] {
  case .reals(let x): return .reals(scan(x, +))
  case let value:
    let dtype = arguments.results[0].dtype
    return .integers(scan(value.integers, &+).map { Value.wrapped($0, dtype) })
  }
}
