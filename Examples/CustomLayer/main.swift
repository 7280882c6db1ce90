// Layers of one's own: one with a parameter, one made of others.
import Striate

/// Swish with a slope that each feature learns: `x · σ(slope · x)` (Ramachandran, Zoph and Le, 2017).
struct LearnedSwish: Layer {
  let slope: Parameter

  init(_ features: Int) { slope = Parameter([features], initializer: .ones) }

  /// Maps `[N, features]` to the same.
  func forward(_ x: Tensor) -> Tensor { x * sigmoid(x * slope) }
}

/// A block that adds to what it is given; its weights are `norm.…`, `linear.…` and `swish.slope`.
struct Block: Layer {
  let linear: Linear
  let swish: LearnedSwish

  init(_ features: Int) {
    linear = Linear(in: features, out: features)
    swish = LearnedSwish(features)
  }

  func forward(_ x: Tensor) -> Tensor { x + swish(linear(x)) }
}

/// Two spirals, one wound into the other: no straight line tells them apart.
func spirals(_ count: Int, seed: UInt64) throws -> TensorDataset {
  var random = RandomStream(seed: seed, "spirals")
  var points: [Float] = []
  for index in 0..<count {
    let turn = Float.random(in: 0.3...1, using: &random)
    let angle = Double(turn) * 3 * .pi + (index % 2 == 0 ? 0 : .pi)
    let noise = (0..<2).map { _ in Float.random(in: -0.03...0.03, using: &random) }
    points += [turn * cosine(angle) + noise[0], turn * cosine(angle - .pi / 2) + noise[1]]
  }
  let inputs = try HostTensor(points, shape: [count, 2])
  return try TensorDataset(inputs: inputs, labels: (0..<count).map { Int32($0 % 2) })
}

/// The cosine by its series, so that the example needs no other import.
func cosine(_ angle: Double) -> Float {
  let x = angle.remainder(dividingBy: 2 * .pi)
  var (sum, term) = (1.0, 1.0)
  for n in 1...14 {
    term *= -x * x / Double((2 * n - 1) * 2 * n)
    sum += term
  }
  return Float(sum)
}

let net = Sequential(
  Linear(in: 2, out: 24), LearnedSwish(24), Block(24), Block(24), Linear(in: 24, out: 2))
print(try ModelSummary(net, named: "spirals", input: [2], on: .best).text, "\n")

let data = DataSplits(train: try spirals(1000, seed: 1), test: try spirals(400, seed: 2))
let config = TrainingConfig(
  epochs: 60, batchSize: 50, optimizer: .adam, learningRate: 0.01, schedule: .cosine())
let result = try Trainer(net, data: data, config: config, on: .best)
  .run(in: RunFolder("runs/spirals"), resuming: true)
print("test accuracy", result.test?.accuracy ?? 0)
let slopes = try Safetensors.read(result.weights).tensors["1.slope"]?.scalars(as: Float.self) ?? []
print("slopes from", slopes.min() ?? 1, "to", slopes.max() ?? 1, "- all were 1")
