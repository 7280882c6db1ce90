import StriateCore
import StriateIR

/// A random graph of every family of ops but the spatial ones, the same for the same seed.
///
/// It is full of what passes look for: numbers, ones and zeros, repeated and undone movements, dead ends.
/// Its input is `x0`, its state `w`, which it updates; its outputs are the last values made.
public func randomGraph(seed: UInt64, operations: Int) throws -> Graph {
  var random = RandomStream(seed: seed, "graph")
  let builder = GraphBuilder()
  var pool = [
    builder.input("x0", TensorType(.float32, [2, 3, 4])),
    builder.state("w", TensorType(.float32, [3, 4])),
    builder.fill(1, TensorType(.float32, [3, 4])),
  ]
  for _ in 0..<operations {
    let x = pool[Int.random(in: 0..<pool.count, using: &random)]
    let y = pool[Int.random(in: 0..<pool.count, using: &random)]
    pool.append(randomStep(x, y, &random))
  }
  for (index, value) in pool.suffix(3).enumerated() { builder.output("y\(index)", value) }
  if let update = pool.last(where: { $0.shape == [3, 4] }) { builder.update("w", update) }
  return try builder.finish()
}

private func randomStep(_ x: Tensor, _ y: Tensor, _ random: inout RandomStream) -> Tensor {
  let rank = x.shape.rank
  switch Int.random(in: 0..<26, using: &random) {
  case 0: return tanh(x)
  case 1: return relu(-x)
  case 2: return sigmoid(x) + 0.0
  case 3: return x * [0.0, 1.0, -0.5][Int.random(in: 0..<3, using: &random)]
  case 4: return [0.0, 1.0][Int.random(in: 0..<2, using: &random)] - x
  case 5, 6: return Shape.broadcast(x.shape, y.shape) == nil ? abs(x) : x + y
  case 7: return Shape.broadcast(x.shape, y.shape) == nil ? tanh(x) : tanh(x * y)
  case 8: return Shape.broadcast(x.shape, y.shape) == nil ? x : select(x .> y, x, y * 0.5)
  case 9: return x.transposed(Array(0..<rank).shuffled(using: &random))
  case 10: return x.reshaped([-1]).reshaped(Shape(x.shape.dims.reversed()))
  case 11:
    return rank == 0
      ? x.broadcast(to: [2]) : x.sum(over: [Int.random(in: 0..<rank, using: &random)])
  case 12:
    return rank == 0 || x.shape.count > 200
      ? x.mean() : x.padded(low: x.shape.dims.map { _ in 1 }, high: x.shape.dims.map { _ in 0 })
  case 13: return rank == 0 || x.shape[0] < 2 ? sign(x) : x.slice(axis: 0, from: 1)
  case 14:
    return rank == 0 || x.shape.count > 200 ? x : concat([x, x * 1.0], axis: rank - 1) ?? x
  case 16...25: return rank == 0 ? erf(x) : indexedStep(x, &random)
  default: return maximum(x, x.builder.fill(0.25, x.type)) / 1.0
  }
}

/// A step along some axis of a tensor that has one.
private func indexedStep(_ x: Tensor, _ random: inout RandomStream) -> Tensor {
  func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
  let axis = number(0..<x.shape.rank)
  let extent = x.shape[axis]
  guard extent > 0, x.shape.count < 2000 else { return sin(x).mean(over: [axis]) }
  func indices(_ count: Int) -> Tensor {
    x.builder.constant(HostTensor((0..<count).map { _ in Int32(number(0..<extent)) }))
  }
  switch number(0..<18) {
  case 0: return x.reversed(axes: [axis])
  case 1: return tanh(x.cumulativeSum(axis: axis, reversed: number(0..<2) == 0))
  case 2: return x.gather(indices(number(1..<4)), axis: axis)
  case 3: return tanh(x.scatterAdd(indices(extent), axis: axis, extent: extent + 1))
  case 4:
    let order = x.argMax(axis: axis).expandingDims(at: axis)
    return x.gatherAlong(remainder(order + 1, extent), axis: axis)
  case 5:
    let order = x.argMin(axis: axis).expandingDims(at: axis)
    let least = x.min(over: [axis], keepingAxes: true)
    return tanh(least.scatterAddAlong(order, axis: axis, extent: extent))
  case 6: return x.topK(Swift.min(2, extent), axis: axis, least: number(0..<2) == 0).values
  case 7: return tanh(x.logSumExp(over: [axis], keepingAxes: true))
  case 8: return select((x .> 0.1) .& .!(x .> 2.0), x, expm1(-abs(x)))
  case 9: return x.rolled(by: number(-3..<4), axis: axis)
  case 10:
    let (low, high) = (x.shape.dims.map { _ in 0 }, x.shape.dims.map { $0 == extent ? 1 : 0 })
    return x.padded(low: low, high: high, mode: number(0..<2) == 0 ? .replicate : .circular)
  case 11: return tanh(x.product(over: [axis]))
  case 12: return log1p(x.variance(over: [axis]))
  case 13: return x.repeated(2, axis: axis)
  case 14: return x.builder.custom(ScaledSum(scale: 0.5), [tanh(x), cos(x)])[0]
  case 15: return x.argMax(axis: axis).oneHot(3)
  case 16: return straightThrough(sin(x), gradientTo: x)
  default: return softmax(clamp(x, -3.0, 3.0), axis: axis)
  }
}
