// Layers of one's own: one with a parameter, one made of others.
import Striate

/// Swish with a slope that each feature learns: `x · σ(slope · x)` (Ramachandran, Zoph and Le, 2017).
struct LearnedSwish: Layer {
  let slope: Parameter

  init(_ features: Int) { slope = Parameter([features], initializer: .ones) }

  /// Maps `[N, features]` to the same.
  func forward(_ x: Tensor) -> Tensor { x * sigmoid(x * slope) }
}

/// A block that adds to what it is given; its weights are `linear.weight`, `linear.bias` and `swish.slope`.
struct Block: Layer {
  let linear: Linear
  let swish: LearnedSwish

  init(_ features: Int) {
    linear = Linear(in: features, out: features)
    swish = LearnedSwish(features)
  }

  func forward(_ x: Tensor) -> Tensor { x + swish(linear(x)) }
}

/// Points on a board of 4×4 fields, black or white: no line, and no few lines, tell them apart.
func board(_ count: Int, seed: UInt64) throws -> TensorDataset {
  var random = RandomStream(seed: seed, "board")
  let points = (0..<2 * count).map { _ in Float.random(in: -2..<2, using: &random) }
  let labels = (0..<count).map { index in
    Int32((points[2 * index].rounded(.down) + points[2 * index + 1].rounded(.down) + 4)) % 2
  }
  return try TensorDataset(inputs: HostTensor(points, shape: [count, 2]), labels: labels)
}

let net = Sequential(
  Linear(in: 2, out: 32), LearnedSwish(32), Block(32), Block(32), Linear(in: 32, out: 2))
print(try ModelSummary(net, named: "board", input: [2], on: .best).text, "\n")

let data = DataSplits(train: try board(4000, seed: 1), test: try board(1000, seed: 2))
let config = TrainingConfig(
  epochs: 20, batchSize: 100, optimizer: .adam, learningRate: 0.01, schedule: .cosine())
let result = try Trainer(net, data: data, config: config, on: .best)
  .run(in: RunFolder("runs/board"), resuming: true)
print("test accuracy", result.test?.accuracy ?? 0)
let slopes = try Safetensors.read(result.weights).tensors["1.slope"]?.scalars(as: Float.self) ?? []
print("slopes from", slopes.min() ?? 1, "to", slopes.max() ?? 1, "- all were 1")
