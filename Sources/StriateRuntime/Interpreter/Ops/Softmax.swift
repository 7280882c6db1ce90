import StriateCore
import StriateIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func softmax(_ rule: Softmax, _ arguments: Arguments) -> Value {
  let x = arguments.reals(0)
  let lines = Lines(arguments.shape(0), axis: rule.axis)
  return .reals(
    filled(x.count) { y in
      for line in 0..<lines.count {
        let start = lines.start(line)
        let (top, sum) = exponentials(lines.extent) { x[start + $0 * lines.step] }
        for k in 0..<lines.extent {
          let position = start + k * lines.step
          y[position] = rule.isLog ? x[position] - top - log(sum) : exp(x[position] - top) / sum
        }
      }
    })
}

func crossEntropy(_ rule: CrossEntropy, _ arguments: Arguments) -> Value {
  let (x, labels) = (arguments.reals(0), arguments.values[1].integers)
  let classes = arguments.shape(0)[1]
  return .reals(
    labels.indices.map { row in
      let start = row * classes
      if rule.ignored.map({ Int64($0) == labels[row] }) ?? false { return 0 }
      guard let label = classIndex(labels[row], classes) else { return .nan }
      let (top, sum) = exponentials(classes) { x[start + $0] }
      var loss = top + log(sum) - (1 - rule.smoothing) * x[start + label]
      // Without smoothing an infinite logit of another class must not turn 0 · ∞ into NaN.
      if rule.smoothing > 0 {
        let total = (0..<classes).reduce(0.0) { $0 + x[start + $1] }
        loss -= rule.smoothing / Double(classes) * total
      }
      return loss
    })
}

func crossEntropyBackward(_ rule: CrossEntropyBackward, _ arguments: Arguments) -> Value {
  let (x, labels, dLoss) = (arguments.reals(0), arguments.values[1].integers, arguments.reals(2))
  let classes = arguments.shape(0)[1]
  return .reals(
    filled(x.count) { dx in
      for row in labels.indices {
        let start = row * classes
        if rule.ignored.map({ Int64($0) == labels[row] }) ?? false { continue }
        let label = classIndex(labels[row], classes)
        let (top, sum) = exponentials(classes) { x[start + $0] }
        for k in 0..<classes {
          let target = (k == label ? 1 - rule.smoothing : 0) + rule.smoothing / Double(classes)
          dx[start + k] =
            label == nil ? .nan : dLoss[row] * (exp(x[start + k] - top) / sum - target)
        }
      }
    })
}

/// The greatest element and the sum of `exp(element − greatest)`.
private func exponentials(_ count: Int, _ x: (Int) -> Double) -> (top: Double, sum: Double) {
  var top = -Double.infinity
  for k in 0..<count { top = max(top, x(k)) }
  var sum = 0.0
  for k in 0..<count { sum += exp(x(k) - top) }
  return (top, sum)
}

/// The label as a class's position, or nil where it is no class.
private func classIndex(_ label: Int64, _ classes: Int) -> Int? {
  label >= 0 && label < classes ? Int(label) : nil
}
