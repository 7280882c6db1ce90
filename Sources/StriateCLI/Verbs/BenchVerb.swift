import ArgumentParser
import Striate

struct BenchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "The speed of a training step or of an answer.",
    discussion: """
      A training step: a fresh plain NCHW host batch (of 8 prepared) copied in, forward, mean \
      cross-entropy, backward, SGD with momentum 0.9 and weight decay 1e-4, loss read back. \
      infer: host NCHW in, host logits out.
      """)

  @Option(parsing: .upToNextOption, help: "Ids of networks.")
  var model: [String]

  @Option(help: "train or infer.")
  var mode = Benchmark.Mode.train

  @Option(name: [.customLong("batch"), .customLong("batch-size")], help: "Images a step.")
  var batch = 128

  @Option(
    help: "Weights to answer with, such as a quantised file; by default those of the seed.",
    completion: .file())
  var weights: String?

  @Flag(help: "Quantise the network first, its ranges those of noise: for its speed alone.")
  var int8 = false

  @Option(help: "Timed steps.")
  var `repeat` = 50

  @Option(help: "Steps before the timed ones.")
  var warmup = 10

  @Flag(help: "Time the bare oneDNN kernels of the model too, in turns with the steps.")
  var bound = false

  @Option(help: "The seed of weights and images.")
  var seed: UInt64 = 0

  @OptionGroup var shape: ShapeOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, value, least) in [
      ("--batch", batch, 1), ("--repeat", self.repeat, 1), ("--warmup", warmup, 0),
    ] where value < least {
      throw ValidationError("\(name) must be at least \(least), found \(value)")
    }
    if mode == .train, int8 || weights != nil {
      throw ValidationError("--int8 and --weights are for --mode infer")
    }
    if weights != nil, model.count != 1 {
      throw ValidationError("--weights are those of one --model, found \(model.count)")
    }
  }

  func run() throws {
    let entries = try model.map { try Catalog.find($0) }
    let device = try device.find()
    var benchmark = Benchmark(
      mode: mode, batch: batch, repeats: self.repeat, warmup: warmup, seed: seed)
    benchmark.timesBound = bound
    let results = try entries.map { entry in
      let timed = try TimedNetwork(
        entry, weights: weights, input: shape.input?.shape, classes: shape.classes, seed: seed,
        isQuantized: int8, on: device)
      output.note("timing \(timed.name), \(mode.rawValue), batch \(batch), on \(device.id)")
      return try benchmark.run(
        timed.model, named: timed.name, weights: timed.weights, input: timed.input,
        classes: timed.classes, on: device)
    }
    try output.show(.array(results.map(\.json)), text: text(results))
  }

  private func text(_ results: [Benchmark.Result]) -> String {
    var columns: [(title: String, side: TextTable.Side)] = [
      ("model", .left), ("mode", .left), ("batch", .right), ("device", .left),
      ("threads", .right), ("median ms", .right), ("p90 ms", .right), ("images/s", .right),
      ("GFLOP/s", .right), ("memory", .right), ("compile ms", .right),
    ]
    if bound { columns += [("bound ms", .right), ("of it", .right)] }
    var table = TextTable(columns, columns: TerminalStyle.output.limit, shortening: [0, 3])
    for result in results {
      var row = [
        result.model, result.mode.rawValue, "\(result.batch)", result.device,
        "\(result.threads)", Numbers.fixed(result.median, 3), Numbers.fixed(result.p90, 3),
        Numbers.grouped(Int(result.imagesPerSecond)), Numbers.fixed(result.gflops, 1),
        Numbers.bytes(result.peakBytes), Numbers.fixed(result.compileMilliseconds, 0),
      ]
      if bound {
        let least = result.bound ?? 0
        row += [
          Numbers.fixed(least, 3),
          result.median > 0 ? Numbers.fixed(100 * least / result.median, 0) + " %" : "",
        ]
      }
      table.add(row)
    }
    let slow = results.flatMap { result in
      result.naive.map { "slow kernel in \(result.model): \($0)" }
    }
    return ([table.text] + slow).joined(separator: "\n")
  }
}

extension Benchmark.Mode: ExpressibleByArgument {}
