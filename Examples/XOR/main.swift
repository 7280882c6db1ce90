import Striate

struct XORNet: Layer {
  let hidden = Linear(in: 2, out: 8)
  let output = Linear(in: 8, out: 2)

  func forward(_ x: Tensor) -> Tensor { output(tanh(hidden(x))) }
}

let bits = (0..<400).map { ($0 & 1, $0 >> 1 & 1) }
let inputs = try HostTensor(bits.flatMap { [Float($0), Float($1)] }, shape: [400, 2])
let xor = try TensorDataset(inputs: inputs, labels: bits.map { Int32($0 ^ $1) })
let data = DataSplits(train: xor, test: xor, name: "xor", mean: [], std: [])

let config = TrainingConfig(
  model: "xor", data: "xor", epochs: 5, batchSize: 4, optimizer: .adam, learningRate: 0.02)
let trainer = try Trainer(XORNet(), data: data, config: config, on: .best)
let result = try trainer.run(in: RunFolder("runs/xor"), resuming: true)
print("accuracy", result.test?.accuracy ?? 0, "weights in", result.weights)
