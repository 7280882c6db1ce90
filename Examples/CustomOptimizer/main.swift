// An optimiser of one's own, against one that comes with the library.
import Striate

/// Lion: a step of one length for all weights, in the direction of a running mean's sign
/// (Chen et al., "Symbolic discovery of optimization algorithms", 2023, program 1).
struct Lion: Optimizer {
  var beta1 = 0.9
  var beta2 = 0.99
  var weightDecay = 0.0

  /// Tensors that stay on the device beside each weight; zeros at first.
  let slots = ["momentum"]
  /// Numbers that the host feeds at each step.
  let scalars = ["learning_rate"]

  func scalar(_ index: Int, step: Int, learningRate: Double) -> Double { learningRate }

  /// Built once into the step's program, for each weight.
  func update(
    _ weight: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (weight: Tensor, slots: [Tensor]) {
    let direction = sign(slots[0] * beta1 + gradient * (1 - beta1))
    let momentum = slots[0] * beta2 + gradient * (1 - beta2)
    let change = weightDecay == 0 ? direction : direction + weight * weightDecay
    return (weight - change * scalars[0], [momentum])
  }
}

/// Whether an odd number of six bits is set: every bit matters, and none does alone.
func parity() throws -> TensorDataset {
  let numbers = (0..<1280).map { $0 % 64 }
  let bits = numbers.flatMap { number in (0..<6).map { Float(number >> $0 & 1) * 2 - 1 } }
  return try TensorDataset(
    inputs: HostTensor(bits, shape: [1280, 6]),
    labels: numbers.map { Int32($0.nonzeroBitCount % 2) })
}

let data = DataSplits(train: try parity(), test: try parity())
let net = Sequential(Linear(in: 6, out: 48), Tanh(), Linear(in: 48, out: 2))

for (name, optimizer, rate) in [
  ("lion", Lion() as any Optimizer, 3e-3), ("sgd", SGD(momentum: 0.9), 3e-2),
] {
  let config = TrainingConfig(epochs: 12, batchSize: 16, learningRate: rate, schedule: .cosine())
  let trainer = try Trainer(net, data: data, config: config, on: .best, optimizer: optimizer)
  let result = try trainer.run(in: RunFolder("runs/parity-\(name)"), resuming: true)
  print(name, "loss", result.test?.loss ?? 0, "accuracy", result.test?.accuracy ?? 0)
}
