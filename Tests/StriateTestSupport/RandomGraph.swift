import StriateCore
import StriateIR

/// A random graph of arithmetic, movements and reductions, the same for the same seed.
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
  switch Int.random(in: 0..<16, using: &random) {
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
  default: return maximum(x, x.builder.fill(0.25, x.type)) / 1.0
  }
}
