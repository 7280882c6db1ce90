// A loss of one's own: the margin that support vector machines want, for several classes.
import Striate

/// Every wrong class must score less than the right one by at least 1; what is missing is the loss
/// (Weston and Watkins, "Support vector machines for multi-class pattern recognition", 1999).
///
/// Scores `[N, C]` and labels `[N]` → a scalar. Any formula in tensors is a loss: its gradient follows.
@Sendable func marginLoss(_ scores: Tensor, _ labels: Tensor) -> Tensor {
  if scores.isPoisoned { return scores }
  let right = labels.oneHot(scores.shape[1])
  let own = (scores * right).sum(over: [1], keepingAxes: true)
  let missing = relu(scores - own + 1.0) * (1.0 - right)
  return missing.sum(over: [1]).mean()
}

/// Points around five centres.
func clouds(_ count: Int, seed: UInt64) throws -> TensorDataset {
  var random = RandomStream(seed: seed, "clouds")
  let centres: [(Float, Float)] = [(0, 0), (2, 0), (0, 2), (-2, 0), (0, -2)]
  var points: [Float] = []
  for index in 0..<count {
    let (x, y) = centres[index % 5]
    for centre in [x, y] {
      points.append(
        centre
          + (0..<4).reduce(0) { sum, _ in
            sum + Float.random(in: -0.45...0.45, using: &random)
          })
    }
  }
  let inputs = try HostTensor(points, shape: [count, 2])
  return try TensorDataset(inputs: inputs, labels: (0..<count).map { Int32($0 % 5) })
}

let net = Sequential(Linear(in: 2, out: 32), ReLU(), Linear(in: 32, out: 5))
let data = DataSplits(train: try clouds(1000, seed: 1), test: try clouds(500, seed: 2))
let config = TrainingConfig(epochs: 20, batchSize: 50, learningRate: 0.02, schedule: .cosine())
let trainer = try Trainer(net, data: data, config: config, on: .best, loss: marginLoss)
let result = try trainer.run(in: RunFolder("runs/margin"), resuming: true)
print("margin loss", result.test?.loss ?? 0, "test accuracy", result.test?.accuracy ?? 0)
