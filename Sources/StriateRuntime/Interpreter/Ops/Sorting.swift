import StriateCore
import StriateIR

/// The first `k` of each line in order; of equals the first comes first, NaN counts as the greatest.
func topK(_ rule: TopK, _ arguments: Arguments) -> [Value] {
  let from = Lines(arguments.shape(0), axis: rule.axis)
  let to = Lines(arguments.results[0].shape, axis: rule.axis)
  func order<T>(_ x: [T], _ isLess: (T, T) -> Bool) -> ([T], [Int64]) {
    var (values, indices) = ([T](), [Int64](repeating: 0, count: to.count * to.extent))
    guard let first = x.first, rule.k > 0 else { return ([], indices) }
    values = [T](repeating: first, count: indices.count)
    for line in 0..<from.count {
      func element(_ place: Int) -> T { x[from.start(line) + place * from.step] }
      let places = (0..<from.extent).sorted { a, b in
        let (p, q) = rule.isLeast ? (element(a), element(b)) : (element(b), element(a))
        if isLess(p, q) { return true }
        return !isLess(q, p) && a < b
      }
      for (k, place) in places.prefix(rule.k).enumerated() {
        values[to.start(line) + k * to.step] = element(place)
        indices[to.start(line) + k * to.step] = Int64(place)
      }
    }
    return (values, indices)
  }
  switch arguments.values[0] {
  case .reals(let x):
    let (values, indices) = order(x) { $0 < $1 || (!$0.isNaN && $1.isNaN) }
    return [.reals(values), .integers(indices)]
  case let value:
    let (values, indices) = order(value.integers, <)
    return [.integers(values), .integers(indices)]
  }
}
