import StriateCore
import StriateIR

func standardize(_ rule: Standardize, _ arguments: Arguments) -> [Value] {
  let x = arguments.reals(0)
  let rows = arguments.results[1].shape.count
  let n = rows == 0 ? 0 : x.count / rows
  var mean = [Double](repeating: 0, count: rows)
  var rstd = mean
  let y = filled(x.count) { y in
    for row in 0..<rows {
      let range = row * n..<(row + 1) * n
      let m = range.reduce(0.0) { $0 + x[$1] } / Double(n)
      let variance = range.reduce(0.0) { $0 + (x[$1] - m) * (x[$1] - m) } / Double(n)
      let r = 1 / (variance + rule.epsilon).squareRoot()
      for i in range { y[i] = (x[i] - m) * r }
      (mean[row], rstd[row]) = (m, r)
    }
  }
  return [.reals(y), .reals(mean), .reals(rstd)]
}

func standardizeBackward(_ arguments: Arguments) -> Value {
  let (y, rstd, dy) = (arguments.reals(0), arguments.reals(1), arguments.reals(2))
  let n = rstd.isEmpty ? 0 : y.count / rstd.count
  return .reals(
    filled(y.count) { dx in
      for row in rstd.indices {
        let range = row * n..<(row + 1) * n
        let a = range.reduce(0.0) { $0 + dy[$1] } / Double(n)
        let b = range.reduce(0.0) { $0 + dy[$1] * y[$1] } / Double(n)
        for i in range { dx[i] = rstd[row] * (dy[i] - a - y[i] * b) }
      }
    })
}
