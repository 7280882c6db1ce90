import StriateCore
import StriateIR
import StriateRuntime

/// Where the time of a training step or of an answer goes, kernel by kernel.
///
/// Steps are first run whole, then with a clock around each kernel; the two are shown beside each other, and
/// what lies between the kernels too.
public struct Profile: Sendable {
  /// A kernel of the program with its times.
  public struct Kernel: Sendable {
    /// What it is.
    public var kernel: ExecutionReport.Kernel
    /// The types of what it reads from other kernels, inputs and states; none for a move.
    public var inputs: [TensorType]
    /// The type of what it computes; nil for a move.
    public var output: TensorType?
    /// Multiply–accumulate operations.
    public var macs: Int
    /// When it ran in each timed step.
    public var times: [KernelTime]

    /// Its middle time in milliseconds.
    public var milliseconds: Double { times.map(\.duration.milliseconds).median }
  }

  /// One timed step.
  public struct Step: Sendable {
    /// When it began, before its inputs were copied.
    public var start: ContinuousClock.Instant
    /// When it was over.
    public var end: ContinuousClock.Instant
  }

  /// The model, as it was asked for.
  public let model: String
  /// What was timed.
  public let mode: ModelSubject.Mode
  /// The device's id.
  public let device: String
  /// The device in words.
  public let deviceSummary: String
  /// Threads of the device.
  public let threads: Int
  /// The kernels in the order in which they run.
  public let kernels: [Kernel]
  /// The steps whose kernels were timed.
  public let steps: [Step]
  /// Milliseconds of each step that ran whole.
  public let wholeSteps: [Double]

  /// Runs and times a model.
  ///
  /// - Parameters:
  ///   - repeats: steps that run whole, and as many again whose kernels are timed; nil for 20, and for fewer
  ///     where they would take more than half a minute together, but at least 3.
  ///   - warmup: steps before them; where the number of steps is open, one where a step is long.
  ///   - seed: of weights and inputs.
  ///   - progress: told how many steps of how many were made, and the seconds of one; of 0 steps before the
  ///     first.
  /// - Throws: `InspectError` for numbers that make no sense, `TraceError` with every fault of the model, or
  ///   the device's error.
  public init(
    _ subject: ModelSubject, _ mode: ModelSubject.Mode, repeats: Int? = nil, warmup: Int = 3,
    seed: UInt64 = 0, on device: Device,
    progress: (_ made: Int, _ of: Int, _ seconds: Double) -> Void = { _, _, _ in }
  ) throws {
    guard (1...10_000).contains(repeats ?? 1), (0...10_000).contains(warmup) else {
      throw InspectError(
        .usage,
        "repeat must be from 1 to 10000 and warm-up from 0, found \(repeats ?? 1) and "
          + "\(warmup)")
    }
    let program = try subject.program(mode, on: device)
    let fed = try ProgramFeed(program, seed: seed)
    let clock = ContinuousClock()
    var seconds = 0.0
    // A step of many seconds has nothing left to warm up after its first run.
    for run in 0..<warmup where run == 0 || repeats != nil || seconds < 1 {
      let start = clock.now
      try fed.run()
      seconds = (clock.now - start).milliseconds / 1e3
    }
    let count = repeats ?? (seconds * 40 > 30 ? max(Int(15 / seconds), 3) : 20)
    progress(0, 2 * count, seconds)
    var whole: [Double] = []
    for run in 0..<count {
      let start = clock.now
      try fed.run()
      whole.append((clock.now - start).milliseconds)
      progress(run + 1, 2 * count, whole[run] / 1e3)
    }
    var steps: [Step] = []
    var times: [[KernelTime]] = []
    for run in 0..<count {
      let start = clock.now
      times.append(try fed.profile())
      steps.append(Step(start: start, end: clock.now))
      progress(count + run + 1, 2 * count, (clock.now - start).milliseconds / 1e3)
    }
    let graph = program.graph
    let report = program.executable.report
    kernels = report.kernels.enumerated().map { position, kernel in
      let nodes = kernel.nodes.filter(graph.nodes.indices.contains).map { graph.nodes[$0] }
      let macs = nodes.reduce(0) { sum, node in
        plus(
          sum, node.op.rule.cost(node.inputs.map(graph.type), node.outputs.map(graph.type)).macs)
      }
      let made = Set(nodes.flatMap(\.outputs))
      let read = nodes.flatMap(\.inputs).filter { !made.contains($0) }
      return Kernel(
        kernel: kernel, inputs: read.map(graph.type),
        output: nodes.last?.outputs.first.map(graph.type), macs: macs,
        times: times.compactMap { $0.indices.contains(position) ? $0[position] : nil })
    }
    model = subject.name
    self.mode = mode
    self.device = device.id
    deviceSummary = device.backend.summary
    threads = device.threads
    self.steps = steps
    wholeSteps = whole
  }

  /// The middle time in milliseconds of a step that ran whole.
  public var stepMilliseconds: Double { wholeSteps.median }
  /// The sum of the kernels' middle times in milliseconds.
  public var kernelMilliseconds: Double { kernels.reduce(0) { $0 + $1.milliseconds } }
  /// What lies between the kernels of a whole step, in milliseconds: copying inputs, starting kernels.
  ///
  /// Below zero where the clock's own cost is more than that.
  public var overheadMilliseconds: Double { stepMilliseconds - kernelMilliseconds }
}

extension Duration {
  /// Milliseconds with their fraction.
  package var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
  }
}

extension [Double] {
  /// The middle value; the mean of the two middle ones of an even number, 0 of none.
  var median: Double {
    let sorted = sorted()
    guard let last = sorted.indices.last else { return 0 }
    return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
  }
}
