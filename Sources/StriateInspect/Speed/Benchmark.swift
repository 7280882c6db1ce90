import StriateCPU
import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime
import StriateTraining

/// The speed of a model's training step or of its answer.
///
/// A training step takes a fresh plain NCHW host batch (of 8 prepared ones), and does forward, mean
/// cross-entropy, backward, SGD with momentum 0.9 and weight decay 1e-4, and reads the loss back; it is the
/// program that `Trainer` runs, and nothing is folded across steps. An answer goes from a host NCHW batch to
/// host logits.
public struct Benchmark: Sendable {
  /// What is timed.
  public enum Mode: String, Sendable, Hashable, CaseIterable { case train, infer }

  /// What is timed.
  public var mode: Mode
  /// Images a step.
  public var batch: Int
  /// Timed steps.
  public var repeats: Int
  /// Steps before the timed ones.
  public var warmup: Int
  /// The seed of weights and images.
  public var seed: UInt64
  /// Whether the library's bare kernels are timed too, in turns with the steps.
  public var timesBound = false

  /// A benchmark.
  public init(
    mode: Mode, batch: Int, repeats: Int = 50, warmup: Int = 10, seed: UInt64 = 0
  ) {
    self.mode = mode
    self.batch = batch
    self.repeats = repeats
    self.warmup = warmup
    self.seed = seed
  }

  /// Host batches that take turns.
  static let prepared = 8

  /// Times a model; an answer with these weights, or with those of the seed.
  ///
  /// - Throws: `InspectError` for numbers that make no sense, `TraceError` with every fault of the model, or
  ///   the device's error.
  public func run(
    _ model: some Layer, named name: String, weights: NamedTensors? = nil, input: Shape,
    classes: Int, on device: Device
  ) throws -> Result {
    guard batch >= 1, repeats >= 1, warmup >= 0 else {
      throw InspectError(
        .usage,
        "batch and repeat must be at least 1, found \(batch) and \(repeats)")
    }
    let backend = timesBound ? try boundedBackend(device) : nil
    let batches = try self.batches(input, classes: classes)
    let type = TensorType(.float32, Shape([batch] + input.dims))
    let memory = timesBound ? nil : ResidentMemory()
    let clock = ContinuousClock()
    let begin = clock.now
    let work: (program: Program, step: (Int) throws -> Void)
    switch mode {
    case .train: work = try training(model, type, batches, on: device)
    case .infer: work = try inference(model, weights, type, batches, on: device)
    }
    let compiled = (clock.now - begin).milliseconds
    for index in 0..<warmup { try work.step(index) }
    let bound = try backend?.bareProgram(of: work.program.graph)
    var (times, boundTimes): ([Double], [Double]) = ([], [])
    times.reserveCapacity(repeats)
    let turns = bound == nil ? 1 : min(repeats, Self.turns)
    for turn in 0..<turns {
      let steps = repeats * turn / turns..<repeats * (turn + 1) / turns
      for index in steps { times.append(try time { try work.step(warmup + index) }) }
      guard let bound else { continue }
      try bound.run()
      for _ in steps { boundTimes.append(try time { try bound.run() }) }
    }
    return Result(
      model: name, mode: mode, batch: batch, device: device.id,
      deviceSummary: device.backend.summary, threads: device.threads, milliseconds: times,
      flops: 2 * Double(work.program.graph.cost.macs), peakBytes: work.program.plannedBytes,
      residentBytes: memory?.growth, boundMilliseconds: boundTimes,
      boundNaive: bound?.report.naive ?? [], compileMilliseconds: compiled,
      naive: device.id == "cpu" ? work.program.executable.report.naive : [])
  }

  /// How often steps and bare kernels take turns.
  private static let turns = 5

  private func time(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start).milliseconds
  }

  private func boundedBackend(_ device: Device) throws -> CPUBackend {
    guard let backend = device.backend as? CPUBackend else {
      throw InspectError(
        .usage, "the bound is that of oneDNN's kernels; it needs the device cpu, not \(device.id)")
    }
    return backend
  }

  private func training(
    _ model: some Layer, _ type: TensorType, _ batches: [Batch], on device: Device
  ) throws -> (Program, (Int) throws -> Void) {
    let rule = GradientDescent(
      Objective(model), optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), on: device)
    let step = try rule.trainingStep(BatchType(classifying: type))
    let first = try rule.initialState(seed: seed)
    let state = device.backend.makeState()
    try state.write(first.weights)
    try state.write(first.slots)
    let seed = seed
    return (
      step.program,
      { index in
        let context = StepContext(step: index, seed: seed, learningRate: 1e-3)
        _ = try step.run(batches[index % batches.count], at: context, state: state)
      }
    )
  }

  private func inference(
    _ model: some Layer, _ weights: NamedTensors?, _ type: TensorType, _ batches: [Batch],
    on device: Device
  ) throws -> (Program, (Int) throws -> Void) {
    let program = try Program(model, input: type, on: device)
    let state = try program.state(weights ?? program.initialWeights(seed: seed))
    let buffers = try RunBuffers(program.graph)
    return (
      program,
      { index in
        // The logits come to lie in the buffers, which are host memory.
        try buffers.set("input", batches[index % batches.count].inputs)
        try program.executable.run(buffers, state: state)
      }
    )
  }

  /// Batches of random images, uniform with variance 1, and random labels.
  private func batches(_ input: Shape, classes: Int) throws -> [Batch] {
    let (count, overflow) = batch.multipliedReportingOverflow(by: Self.prepared)
    let type = TensorType(.float32, Shape([overflow ? .max : count] + input.dims))
    guard type.byteCount < 1 << 36, !input.dims.contains(where: { $0 < 1 }) else {
      throw InspectError(.usage, "\(Self.prepared) batches of \(type) cannot be prepared")
    }
    let generator = Philox(key: seed)
    let bound = Float(3).squareRoot()
    let images = HostTensor(type: type) { bytes in
      let values = bytes.bindMemory(to: Float.self)
      for index in values.indices {
        let unit = Philox.unit(generator.word(at: UInt64(index), stream: 1))
        values[index] = (2 * unit - 1) * bound
      }
    }
    let labels = (0..<count).map { index in
      Int32(generator.word(at: UInt64(index), stream: 2) % UInt32(max(min(classes, 1 << 30), 1)))
    }
    let stream = try Loader(
      TensorDataset(inputs: images, labels: labels), batchSize: batch, threads: 0
    ).batches(epoch: 0)
    var batches: [Batch] = []
    while let batch = try stream.next() { batches.append(batch) }
    return batches
  }
}
