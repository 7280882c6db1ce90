import StriateCore
import StriateIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func localResponse(_ rule: LocalResponse, _ arguments: Arguments) -> Value {
  let x = arguments.reals(0)
  let sums = localSums(rule, x, arguments.shape(0))
  return .reals(x.indices.map { x[$0] * pow(sums[$0], -rule.beta) })
}

func localResponseBackward(_ rule: LocalResponseBackward, _ arguments: Arguments) -> Value {
  let (x, dy) = (arguments.reals(0), arguments.reals(1))
  let lrn = rule.rule
  let planes = Planes(arguments.shape(0))
  let sums = localSums(lrn, x, arguments.shape(0))
  var dx = x.indices.map { dy[$0] * pow(sums[$0], -lrn.beta) }
  let factor = 2 * lrn.alpha * lrn.beta / Double(lrn.size)
  forEachNeighbour(lrn, planes) { centre, neighbour in
    dx[neighbour] -=
      factor * x[neighbour] * dy[centre] * x[centre] * pow(sums[centre], -lrn.beta - 1)
  }
  return .reals(dx)
}

/// `k + alpha/size · Σ x²` over the neighbouring channels of every element.
private func localSums(_ rule: LocalResponse, _ x: [Double], _ shape: Shape) -> [Double] {
  var sums = [Double](repeating: rule.k, count: x.count)
  let factor = rule.alpha / Double(rule.size)
  forEachNeighbour(rule, Planes(shape)) { centre, neighbour in
    sums[centre] += factor * x[neighbour] * x[neighbour]
  }
  return sums
}

/// Calls the body with every element and every element of the channels in its window.
private func forEachNeighbour(
  _ rule: LocalResponse, _ planes: Planes, _ body: (_ centre: Int, _ neighbour: Int) -> Void
) {
  for channel in 0..<planes.channels {
    let low = max(channel - rule.size / 2, 0)
    let high = min(channel + (rule.size - 1) / 2, planes.channels - 1)
    for neighbour in low..<(high + 1) {
      planes.forEach(channel) { body($0, $0 + (neighbour - channel) * planes.size) }
    }
  }
}
