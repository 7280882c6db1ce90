import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// Two classes that noise lets nobody tell apart perfectly; a function of the index.
private struct Noisy: SampleDataset {
  let count: Int
  let offset: UInt64
  let inputShape: Shape = [1, 4, 4]
  let classNames = ["inner", "outer"]

  func sample(at index: Int) throws -> (input: [Float], label: Int) {
    var bits = (UInt64(index) &+ offset) &* 0x9E37_79B9_7F4A_7C15
    func uniform() -> Float {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(bits >> 40) / Float(1 << 24)
    }
    let label = index % 2
    let values = (0..<16).map { cell in
      let inner = [5, 6, 9, 10].contains(cell)
      let noise = uniform() + uniform() + uniform() + uniform() - 2
      return (inner == (label == 0) ? 0.5 : 0) + 1.5 * noise
    }
    return (values, label)
  }
}

private let train = Noisy(count: 512, offset: 1)
private let test = Noisy(count: 256, offset: 100_000)

/// Learns for as many steps; tells the state after some of them.
private func learn(
  _ average: WeightAverage, steps: [Int],
  _ tell: (Int, GradientDescent, any ResidentState, TrainState) throws -> Void
) throws {
  var rule = UpdateRule(SGD(momentum: 0.9))
  rule.average = average
  let descent = GradientDescent(Objective(Tiny()), rule: rule, on: .reference)
  let start = try descent.initialState(seed: 3)
  let state = descent.device.backend.makeState()
  try start.write(to: state)
  let loader = try Loader(train, batchSize: 8, shuffle: true, seed: 3, threads: 0)
  var (step, epoch) = (0, 0)
  while step < steps.last ?? 0 {
    let batches = loader.batches(epoch: epoch)
    epoch += 1
    while step < steps.last ?? 0, let batch = try batches.next() {
      let context = StepContext(step: step, seed: 3, learningRate: 0.02)
      _ = try descent.step(state, batch, at: context)
      step += 1
      if steps.contains(step) { try tell(step, descent, state, start.read(from: state)) }
    }
  }
}

private func accuracy(_ weights: NamedTensors, by descent: GradientDescent) throws -> Double {
  let state = descent.device.backend.makeState()
  try state.write(weights)
  let batches = try Loader(test, batchSize: 256, threads: 0).batches(epoch: 0)
  guard let batch = try batches.next() else { return 0 }
  return try descent.evaluate(state, batch).accuracy
}

/// ‖a − b‖ / ‖b‖ over the named tensors.
private func distance(_ a: NamedTensors, _ b: NamedTensors, _ names: [String]) -> Double {
  var (apart, size) = (0.0, 0.0)
  for name in names {
    let pairs = zip(
      a[name]?.scalars(as: Double.self) ?? [], b[name]?.scalars(as: Double.self) ?? [])
    for (x, y) in pairs {
      apart += (x - y) * (x - y)
      size += y * y
    }
  }
  return (apart / max(size, 1e-300)).squareRoot()
}

private let statistics = ["bn.running_mean", "bn.running_var"]

/// Prints steps × decay: accuracies of the weights and of their average.
@Test(arguments: [
  WeightAverage(decay: 0.99), WeightAverage(decay: 0.9998), WeightAverage(decay: 0.9999),
  WeightAverage(decay: 0.9998, warmsUp: false),
])
func theAverageIsNeverFarBehind(_ average: WeightAverage) throws {
  var lines: [String] = []
  try learn(average, steps: [10, 30, 100, 300, 1000, 3000, 10_000]) { step, descent, _, state in
    let raw = try accuracy(state.weights, by: descent)
    let averaged = try accuracy(state.average, by: descent)
    let apart = distance(state.average, state.weights, statistics)
    lines.append(
      "average | decay \(average.decay)\(average.warmsUp ? " warmed up" : "") | \(step) steps | "
        + "weights \(Numbers.percent(raw)) | average \(Numbers.percent(averaged)) | "
        + "statistics apart \(Numbers.fixed(apart, 3))")
    // What counts is copied.
    #expect(state.average["bn.num_batches_tracked"] == state.weights["bn.num_batches_tracked"])
    if average.warmsUp {
      #expect(averaged > raw - 0.05, "\(step) steps: \(raw), averaged \(averaged)")
      #expect(apart < 0.5, "\(step) steps: statistics \(apart) apart")
    }
  }
  print(lines.joined(separator: "\n"))
}

/// The average of all that is in floating point, built anew in Double from the weights of every step.
@Test(arguments: [true, false]) func theAverageIsByItsFormula(_ warmsUp: Bool) throws {
  let average = WeightAverage(decay: 0.9, warmsUp: warmsUp)
  var expected: [String: [Double]] = [:]
  var first = try GradientDescent(
    Objective(Tiny()), optimizer: SGD(), on: .reference
  ).initialState(seed: 3).weights
  for (name, value) in first { expected[name] = value.scalars(as: Double.self) }
  try learn(average, steps: Array(1...60)) { step, _, _, state in
    let decay = warmsUp ? min(0.9, Double(1 + step) / Double(10 + step)) : 0.9
    for (name, value) in state.weights where value.dtype.isFloatingPoint {
      expected[name] = zip(expected[name] ?? [], value.scalars(as: Double.self)).map {
        decay * $0 + (1 - decay) * $1
      }
      first[name] = try HostTensor(expected[name] ?? [], shape: value.shape)
      #expect(distance(state.average, first, [name]) < 1e-5, "\(name) after step \(step)")
    }
  }
}

/// Whichever did better is the best, and what a run folder stands for.
@Test(arguments: [true, false]) func theBetterOfTheTwoIsUsed(_ warmsUp: Bool) throws {
  let scratch = try Scratch()
  let folder = scratch.run("run")
  let config = tinyConfig {
    $0.average = WeightAverage(decay: 0.9998, warmsUp: warmsUp)
    $0.monitor = .loss
  }
  nonisolated(unsafe) var reports: [EpochReport] = []
  let data = DataSplits(
    train: Noisy(count: 256, offset: 1), test: test, name: "noisy", mean: [0], std: [1])
  let result = try tinyTrainer(config, data: data) {
    $0.observe = { if case .epoch(let report) = $0 { reports.append(report) } }
  }.run(in: folder)
  let best = try #require(result.best)
  for report in reports {
    let (own, averaged) = try (#require(report.test), #require(report.averaged))
    #expect(report.chosen == (own.loss < averaged.loss ? .own : .average))
    #expect((best.loss ?? -1) <= min(own.loss, averaged.loss))
  }
  // An average that is still its first weights is not taken.
  if !warmsUp { #expect(best.chosen == .own && result.testOf == .own) }
  for (place, loss) in [("best", best.loss), ("last", result.test?.loss)] {
    let path = Checkpoint.weightsPath(in: "\(folder.path)/\(place)")
    let descent = GradientDescent(
      Objective(Tiny(), loss: CrossEntropyLoss(smoothing: config.smoothing)), optimizer: SGD(),
      on: .reference)
    let state = descent.device.backend.makeState()
    try state.write(Safetensors.read(path).tensors)
    let batches = try Loader(test, batchSize: 4, threads: 0).batches(epoch: 0)
    var sums = StepMetrics()
    while let batch = try batches.next() { sums = sums + (try descent.evaluate(state, batch)) }
    #expect(sums.loss == loss, "\(place)")
  }
}
