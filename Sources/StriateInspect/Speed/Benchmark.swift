import StriateCore
import StriateData
import StriateFormats
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

  /// What was measured.
  public struct Result: Sendable {
    /// The model, as it was asked for.
    public var model: String
    /// What was timed.
    public var mode: Mode
    /// Images a step.
    public var batch: Int
    /// The device's id.
    public var device: String
    /// The device in words: library, instruction set, threads.
    public var deviceSummary: String
    /// Threads of the device.
    public var threads: Int
    /// Milliseconds of each timed step, in order.
    public var milliseconds: [Double]
    /// Floating-point operations of the convolutions and matrix products in a step.
    public var flops: Double
    /// Bytes that the program takes: weights, inputs, outputs and the planned arena.
    public var peakBytes: Int
    /// Milliseconds that tracing and compiling took.
    public var compileMilliseconds: Double
    /// Kernels for which the library fell back to slow, generic code.
    public var naive: [String]

    /// The middle time of a step in milliseconds.
    public var median: Double { quantile(0.5) }
    /// The time in milliseconds that nine of ten steps keep.
    public var p90: Double { quantile(0.9) }
    /// Images a second at the middle time.
    public var imagesPerSecond: Double { median > 0 ? Double(batch) / median * 1e3 : 0 }
    /// Billions of floating-point operations a second at the middle time.
    public var gflops: Double { median > 0 ? flops / median / 1e6 : 0 }

    private func quantile(_ share: Double) -> Double {
      let sorted = milliseconds.sorted()
      guard let last = sorted.indices.last else { return 0 }
      let place = share * Double(last)
      let low = min(Int(place), last)
      let high = min(low + 1, last)
      return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
    }
  }

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
    let batches = try self.batches(input, classes: classes)
    let type = TensorType(.float32, Shape([batch] + input.dims))
    let clock = ContinuousClock()
    let begin = clock.now
    let work: (program: Program, step: (Int) throws -> Void)
    switch mode {
    case .train: work = try training(model, type, batches, on: device)
    case .infer: work = try inference(model, weights, type, batches, on: device)
    }
    let compiled = (clock.now - begin).milliseconds
    for index in 0..<warmup { try work.step(index) }
    var times: [Double] = []
    times.reserveCapacity(repeats)
    for index in 0..<repeats {
      let start = clock.now
      try work.step(warmup + index)
      times.append((clock.now - start).milliseconds)
    }
    return Result(
      model: name, mode: mode, batch: batch, device: device.id,
      deviceSummary: device.backend.summary, threads: device.threads, milliseconds: times,
      flops: 2 * Double(work.program.graph.cost.macs), peakBytes: work.program.plannedBytes,
      compileMilliseconds: compiled,
      naive: device.id == "cpu" ? work.program.executable.report.naive : [])
  }

  private func training(
    _ model: some Layer, _ type: TensorType, _ batches: [Batch], on device: Device
  ) throws -> (Program, (Int) throws -> Void) {
    let rule = GradientDescent(
      Objective(model), optimizer: SGD(momentum: 0.9, weightDecay: 1e-4), on: device)
    let step = try rule.trainingStep(type)
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

extension Benchmark.Result {
  /// The result as the command line's contract has it.
  public var json: JSON {
    [
      "model": JSON(model), "mode": JSON(mode.rawValue), "batch": JSON(batch),
      "device": JSON(device), "device_summary": JSON(deviceSummary), "threads": JSON(threads),
      "repeat": JSON(milliseconds.count), "median_ms": JSON(median.rounded(4)),
      "p90_ms": JSON(p90.rounded(4)), "images_per_sec": JSON(imagesPerSecond.rounded(1)),
      "gflops": JSON(gflops.rounded(2)), "peak_bytes": JSON(peakBytes),
      "compile_ms": JSON(compileMilliseconds.rounded(2)), "naive_kernels": JSON(naive),
    ]
  }
}

extension Double {
  /// Rounded to this many decimals.
  package func rounded(_ digits: Int) -> Double {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}
