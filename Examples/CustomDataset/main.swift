// One's own data: pictures that are drawn when they are asked for.
import Striate

/// Noisy outlines of three shapes, 16×16 pixels, anywhere and of any size.
struct Shapes: SampleDataset {
  let count: Int
  let seed: UInt64
  let inputShape: Shape = [1, 16, 16]
  let classNames = ["circle", "square", "cross"]

  /// Called from several threads and in any order, so it draws from the index alone.
  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    var random = RandomStream(seed: seed, "shapes", index)
    let label = index % 3
    let radius = Float.random(in: 3...6, using: &random)
    let x0 = Float.random(in: radius...(15 - radius), using: &random)
    let y0 = Float.random(in: radius...(15 - radius), using: &random)
    let pixels = (0..<256).map { place -> Float in
      let (x, y) = (abs(Float(place % 16) - x0), abs(Float(place / 16) - y0))
      let distance =
        switch label {
        case 0: abs((x * x + y * y).squareRoot() - radius)
        case 1: abs(max(x, y) - radius)
        default: max(x, y) <= radius ? min(x, y) : 9
        }
      return max(1 - distance, 0) + Float.random(in: -0.3...0.3, using: &random)
    }
    return (pixels, label)
  }
}

let net = Sequential(
  Conv2D(in: 1, out: 8, kernel: 3, padding: 1), ReLU(), MaxPool2D(2),
  Conv2D(in: 8, out: 16, kernel: 3, padding: 1), ReLU(), MaxPool2D(2),
  Flatten(), Linear(in: 256, out: 3))

let data = DataSplits(train: Shapes(count: 3000, seed: 1), test: Shapes(count: 600, seed: 2))
let config = TrainingConfig(
  epochs: 8, batchSize: 50, optimizer: .adam, learningRate: 4e-3, schedule: .cosine())
let result = try Trainer(net, data: data, config: config, on: .best)
  .run(in: RunFolder("runs/shapes"), resuming: true)
print("test accuracy", result.test?.accuracy ?? 0)

// Ask the trained network about shapes that it has not seen.
let weights = try Safetensors.read(result.weights).tensors
let classifier = try Classifier(net, weights: weights, input: data.train.inputShape, on: .best)
let unseen = Shapes(count: 6, seed: 3)
let samples = try (0..<unseen.count).map { try unseen.sample(at: $0) }
let tensors = try samples.map { try HostTensor($0.input, shape: unseen.inputShape) }
for (sample, scores) in zip(samples, try classifier.probabilities(tensors)) {
  let best = Classifier.top(1, of: scores)[0]
  print("a", unseen.classNames[sample.label], "looks like a", unseen.classNames[best.index])
}
