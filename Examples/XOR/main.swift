import Striate

struct XORNet: Layer {
  let hidden = Linear(in: 2, out: 8)
  let output = Linear(in: 8, out: 2)

  func forward(_ x: Tensor) -> Tensor { output(tanh(hidden(x))) }
}

struct XOR: SampleDataset {
  let count = 400
  let inputShape: Shape = [2]
  let classNames = ["same", "different"]

  func sample(at index: Int) -> (input: [Float], label: Int) {
    let (a, b) = (index & 1, index >> 1 & 1)
    return ([Float(a), Float(b)], a ^ b)
  }
}

let data = DataSplits(train: XOR(), test: XOR(), name: "xor", mean: [], std: [])
let config = TrainingConfig(
  model: "xor", data: "xor", epochs: 5, batchSize: 4, optimizer: .adam, learningRate: 0.02)
let trainer = try Trainer(XORNet(), data: data, config: config, on: .best)
let result = try trainer.run(in: RunFolder("runs/xor"), resuming: true)
print("accuracy", result.test?.accuracy ?? 0, "weights in", result.weights)
