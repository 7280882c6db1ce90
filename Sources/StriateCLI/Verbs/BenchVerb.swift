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
  }

  func run() throws {
    let entries = try model.map { try Catalog.find($0) }
    let device = try device.find()
    var benchmark = Benchmark(
      mode: mode, batch: batch, repeats: self.repeat, warmup: warmup, seed: seed)
    benchmark.timesBound = bound
    let results = try entries.map { entry in
      let input = shape.input?.shape ?? entry.input
      let classes = shape.classes ?? entry.classes
      output.note("timing \(entry.id), \(mode.rawValue), batch \(batch), on \(device.id)")
      return try benchmark.run(
        entry.model(classes: classes, input: input), named: entry.id, input: input,
        classes: classes, on: device)
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
