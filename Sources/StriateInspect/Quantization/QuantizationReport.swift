import StriateCore
import StriateFormats
import StriateIR
import StriateRuntime

/// A network before and after quantisation: size, time of an answer, share of right answers.
public struct QuantizationReport: Sendable {
  /// One of the two.
  public struct Side: Sendable {
    /// Bytes of its tensors.
    public var bytes: Int
    /// Milliseconds of each timed answer to one image.
    public var milliseconds: [Double]
    /// The share of test samples whose class is the first answer; nil where none were tested.
    public var accuracy: Double?

    /// What was measured of one.
    package init(bytes: Int, milliseconds: [Double], accuracy: Double? = nil) {
      self.bytes = bytes
      self.milliseconds = milliseconds
      self.accuracy = accuracy
    }

    /// The middle time.
    public var median: Double {
      let sorted = milliseconds.sorted()
      guard !sorted.isEmpty else { return 0 }
      return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }
  }

  /// In floating point.
  public var before: Side
  /// In integers.
  public var after: Side
  /// Kernels of the quantised network that are generic code, or the interpreter's.
  public var slowKernels: [String]

  /// How many times as fast an answer is.
  public var speedup: Double { after.median > 0 ? before.median / after.median : 0 }
  /// Points of accuracy that were lost; nil where none was measured.
  public var lostPoints: Double? {
    guard let a = before.accuracy, let b = after.accuracy else { return nil }
    return (a - b) * 100
  }

  /// Why this is no optimisation; nil for one.
  ///
  /// - Parameter points: points of accuracy that may be lost.
  public func fault(allowing points: Double) -> String? {
    var faults: [String] = []
    if speedup <= 1 {
      faults.append(
        "an answer takes \(Numbers.fixed(after.median, 3)) ms after and "
          + "\(Numbers.fixed(before.median, 3)) ms before")
    }
    if let lost = lostPoints, lost > points {
      faults.append(
        "\(Numbers.fixed(lost, 2)) points of accuracy are lost, more than \(Numbers.fixed(points, 2))"
      )
    }
    return faults.isEmpty ? nil : "this is no optimisation: " + faults.joined(separator: "; ")
  }

  /// A report of what was measured.
  package init(before: Side, after: Side, slowKernels: [String] = []) {
    self.before = before
    self.after = after
    self.slowKernels = slowKernels
  }

  /// Times both networks on one image, turn by turn.
  ///
  /// - Throws: `TraceError` or the device's error.
  public init(
    _ model: any Layer, _ weights: NamedTensors, quantized: QuantizedModel, tensors: NamedTensors,
    input: Shape, repeats: Int = 100, on device: Device
  ) throws {
    let before = try TimedProgram(model, weights, input, device)
    let after = try TimedProgram(quantized, tensors, input, device)
    for _ in 0..<5 {
      _ = try before.run()
      _ = try after.run()
    }
    var times: ([Double], [Double]) = ([], [])
    for _ in 0..<max(repeats, 1) {
      times.0.append(try before.run())
      times.1.append(try after.run())
    }
    func bytes(_ tensors: NamedTensors) -> Int {
      tensors.reduce(0) { $0 + $1.value.type.byteCount }
    }
    self.before = Side(bytes: bytes(weights), milliseconds: times.0)
    self.after = Side(bytes: bytes(tensors), milliseconds: times.1)
    slowKernels = after.program.executable.report.kernels.filter {
      $0.isNaive || ($0.implementation == "reference" && device.id == "cpu")
    }.map { "\($0.path) \($0.name): \($0.reason ?? $0.implementation)" }
  }

  /// As the command line's contract has it.
  public var json: JSONObject {
    func side(_ side: Side) -> JSON {
      [
        "bytes": JSON(side.bytes), "median_ms": JSON(side.median.rounded(4)),
        "acc1": side.accuracy.map { JSON(($0 * 100).rounded(4)) } ?? .null,
      ]
    }
    return [
      "before": side(before), "after": side(after), "speedup": JSON(speedup.rounded(3)),
      "size_ratio": JSON((Double(before.bytes) / Double(max(after.bytes, 1))).rounded(3)),
      "lost_points": lostPoints.map { JSON($0.rounded(3)) } ?? .null,
      "slow_kernels": JSON(slowKernels),
    ]
  }

  /// A table for people.
  public var text: String {
    var table = TextTable(
      [("", .left), ("before", .right), ("after", .right), ("", .right)])
    let ratio = Double(before.bytes) / Double(max(after.bytes, 1))
    table.add([
      "weights", Numbers.bytes(before.bytes), Numbers.bytes(after.bytes),
      "\(Numbers.fixed(ratio, 2)) times smaller",
    ])
    table.add([
      "an answer, ms", Numbers.fixed(before.median, 3), Numbers.fixed(after.median, 3),
      "\(Numbers.fixed(speedup, 2)) times as fast",
    ])
    if let a = before.accuracy, let b = after.accuracy, let lost = lostPoints {
      let change = lost > 0 ? "\(Numbers.fixed(lost, 2)) points lost" : "no point lost"
      table.add(["accuracy", Numbers.percent(a), Numbers.percent(b), change])
    }
    return ([table.text] + slowKernels.map { "slow kernel: \($0)" }).joined(separator: "\n")
  }
}

/// A network's answer to one image of noise, from host memory to host memory.
private struct TimedProgram {
  let program: Program
  private let buffers: RunBuffers
  private let state: any ResidentState
  private let image: HostTensor

  init(_ model: any Layer, _ weights: NamedTensors, _ input: Shape, _ device: Device) throws {
    func make(_ model: some Layer) throws -> Program {
      try Program(model, input: TensorType(.float32, Shape([1] + input.dims)), on: device)
    }
    program = try make(model)
    buffers = try RunBuffers(program.graph)
    var needed = NamedTensors()
    let names = Set(program.graph.states.map(\.name))
    for (name, tensor) in weights where names.contains(name) { needed[name] = tensor }
    state = try program.state(needed)
    let generator = Philox(key: 0)
    image = try HostTensor(
      (0..<input.count).map { 2 * Philox.unit(generator.word(at: UInt64($0), stream: 1)) - 1 },
      shape: Shape([1] + input.dims))
  }

  func run() throws -> Double {
    let start = ContinuousClock.now
    try buffers.set("input", image)
    try program.executable.run(buffers, state: state)
    return (ContinuousClock.now - start).milliseconds
  }
}
