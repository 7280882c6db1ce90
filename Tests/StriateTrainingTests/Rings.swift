import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining

extension Scratch {
  /// A run's folder in this one; not made yet.
  func run(_ name: String) -> RunFolder { RunFolder("\(path)/\(name)") }
}

/// Two classes of points in the plane, told apart by a ring; a function of the index.
struct Rings: SampleDataset {
  var count = 22
  var offset = 0
  var bad: Int?
  let inputShape: Shape = [1, 4, 4]
  let classNames = ["inner", "outer"]

  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    if index == bad { return ([Float](repeating: .infinity, count: 16), 0) }
    let label = (index + offset) % 2
    let values = (0..<16).map { cell in
      let inner = [5, 6, 9, 10].contains(cell)
      let noise = Float(((index + offset) * 31 + cell * 17) % 13) / 26
      return (inner == (label == 0) ? 1 : 0) + noise
    }
    return (values, label)
  }
}

/// Convolution, batch norm, dropout, linear: all that a resume must carry on.
struct Tiny: Layer {
  let conv = Conv2D(in: 1, out: 3, kernel: 3, padding: 1, bias: false)
  let bn = BatchNorm2D(3)
  let drop = Dropout(0.2)
  let fc = Linear(in: 48, out: 2)

  func forward(_ x: Tensor) -> Tensor { fc(drop(relu(bn(conv(x))).flattened(from: 1))) }
}

let rings = DataSplits(
  train: Rings(), test: Rings(count: 9, offset: 100), name: "rings", mean: [0], std: [1])

/// Three epochs of six steps, the last of two samples.
func tinyConfig(_ change: (inout TrainingConfig) -> Void = { _ in }) -> TrainingConfig {
  var config = TrainingConfig(
    model: "tiny", data: "rings", epochs: 3, batchSize: 4, optimizer: .adamw, learningRate: 0.02,
    schedule: .oneCycle(), weightDecay: 0.01, smoothing: 0.1, seed: 11)
  change(&config)
  return config
}

/// Five epochs of two steps of four and two batches, with everything on.
func everything(
  _ change: (inout TrainingConfig) -> Void = { _ in }
) -> TrainingConfig {
  tinyConfig {
    $0.epochs = 5
    $0.optimizer = .rmsprop
    $0.learningRate = 0.01
    $0.schedule = .plateau(Plateau(factor: 0.5, patience: 0))
    $0.warmup = Warmup(steps: 2)
    $0.normWeightDecay = 0
    $0.biasWeightDecay = 0
    $0.groups = [ParameterGroup(matching: .path("conv"), rate: 0.5)]
    $0.clipping = GradientClipping(norm: 1, value: 0.2)
    $0.accumulation = 4
    $0.average = WeightAverage(decay: 0.9, warmsUp: true)
    $0.mixing = Mixing(mixup: 0.4, cutmix: 1)
    $0.monitor = .loss
    $0.evaluateEvery = 2
    $0.patience = 50
    $0.reportsGradientNorm = true
    change(&$0)
  }
}

/// A training of the tiny model on the interpreter.
func tinyTrainer(
  _ config: TrainingConfig = tinyConfig(), data: DataSplits = rings,
  _ change: (inout Trainer.Options) -> Void = { _ in }
) throws -> Trainer {
  var options = Trainer.Options()
  options.handlesSignals = false
  options.logEvery = 2
  change(&options)
  return try Trainer(Tiny(), data: data, config: config, on: .reference, options: options)
}
