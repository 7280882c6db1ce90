import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// A linear classifier on features: how well they tell classes apart.
///
/// Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016. Features are standardised
/// by the mean and the deviation of the training samples; weights are learned by AdamW, its rate falling to nothing
/// along a cosine.
public struct LinearProbe: Sendable {
  /// The share of training samples that are answered correctly.
  public let trainAccuracy: Double
  /// The share of test samples that are answered correctly.
  public let testAccuracy: Double

  /// Passes over the training samples, at least.
  public static let epochs = 30
  /// Steps, at least.
  public static let steps = 600

  /// Learns from the features of training samples and tests on those of others.
  ///
  /// - Parameters:
  ///   - classes: the number of classes.
  ///   - weightDecay: how strongly weights shrink.
  /// - Throws: `InspectError` where widths differ, or the device's error.
  public init(
    train: Features, test: Features, classes: Int, learningRate: Double = 3e-3,
    weightDecay: Double = 0.1, batchSize: Int = 256, seed: UInt64 = 0, on device: Device
  ) throws {
    guard train.width == test.width else {
      throw InspectError(
        .mismatch, "\(train.width) features to learn from, \(test.width) to test on")
    }
    let scale = Standardization(train.values)
    let samples = try TensorDataset(inputs: scale.applied(to: train.values), labels: train.labels)
    let tests = try TensorDataset(inputs: scale.applied(to: test.values), labels: test.labels)
    let model = Sequential(Linear(in: train.width, out: classes, weights: .zeros))
    let rule = GradientDescent(
      Objective(model), optimizer: Adam.decoupled(weightDecay: weightDecay), on: device)
    let state = device.backend.makeState()
    try rule.initialState(seed: seed).write(to: state)
    let loader = try Loader(
      samples, batchSize: min(batchSize, samples.count), shuffle: true, seed: seed, threads: 1,
      prefetch: 2)
    let perEpoch = max(loader.batchCount, 1)
    let epochs = max(Self.epochs, (Self.steps + perEpoch - 1) / perEpoch)
    let schedule = Schedule.cosine()
    var step = 0
    for epoch in 0..<epochs {
      let batches = loader.batches(epoch: epoch)
      while let batch = try batches.next() {
        let rate = schedule.rate(step: step, total: epochs * perEpoch, base: learningRate)
        _ = try rule.step(
          state, batch, at: StepContext(step: step, seed: seed, learningRate: rate))
        step += 1
      }
    }
    trainAccuracy = try Self.accuracy(rule, state, samples)
    testAccuracy = try Self.accuracy(rule, state, tests)
  }

  private static func accuracy(
    _ rule: GradientDescent, _ state: any ResidentState, _ data: TensorDataset
  ) throws -> Double {
    var correct = 0.0
    let batches = try Loader(data, batchSize: 256, threads: 1, prefetch: 2).batches(epoch: 0)
    while let batch = try batches.next() { correct += try rule.evaluate(state, batch).correct }
    return correct / Double(max(data.count, 1))
  }
}

/// The mean and the deviation of each feature.
private struct Standardization {
  var mean: [Float]
  var factor: [Float]

  init(_ rows: HostTensor) {
    let (values, width) = (rows.scalars(as: Float.self), rows.shape[1])
    let count = Double(max(rows.shape[0], 1))
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for (place, value) in values.enumerated() { sums[place % width] += Double(value) }
    let means = sums.map { $0 / count }
    for (place, value) in values.enumerated() {
      let rest = Double(value) - means[place % width]
      squares[place % width] += rest * rest
    }
    mean = means.map { Float($0) }
    // A feature that is always the same tells nothing.
    factor = squares.map { $0 > 0 ? Float(1 / ($0 / count).squareRoot()) : 0 }
  }

  func applied(to rows: HostTensor) throws -> HostTensor {
    let width = mean.count
    let values = rows.scalars(as: Float.self).enumerated().map { place, value in
      (value - mean[place % width]) * factor[place % width]
    }
    return try HostTensor(values, shape: rows.shape)
  }
}
