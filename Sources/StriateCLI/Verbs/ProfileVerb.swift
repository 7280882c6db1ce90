import ArgumentParser
import Striate

struct ProfileVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Where the time of a training step or of an answer goes.",
    discussion: """
      Steps run whole first, then with a clock around each kernel. --trace writes these steps with their real \
      times for chrome://tracing and https://ui.perfetto.dev.
      """)

  @Argument(help: "The network's id; 'striate models' lists them.", completion: .models)
  var model: String

  @Option(help: "train or infer.")
  var mode = ModelSubject.Mode.train

  @Option(name: [.customLong("batch"), .customLong("batch-size")], help: "Images a step.")
  var batch = 128

  @Option(help: "Timed steps, and as many timed inside (20, fewer where a step is long).")
  var `repeat`: Int?

  @Option(help: "Put kernels together by op or layer, or show each kernel.")
  var by = Profile.Grouping.op

  @Option(help: "A file for the steps' kernels in time, as Chrome trace events (JSON).")
  var trace: String?

  @Option(help: "The seed of weights and images.")
  var seed: UInt64 = 0

  @OptionGroup var shape: ShapeOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, value, most) in [
      ("--batch", batch, 1 << 30), ("--repeat", self.repeat ?? 1, 10_000),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name) must be from 1 to \(most), found \(value)")
    }
  }

  func run() throws {
    let entry = try Catalog.find(model)
    let device = try device.find()
    output.note("timing \(entry.id), \(mode.rawValue), batch \(batch), on \(device.id)")
    let input = shape.input?.shape ?? entry.input
    let subject = ModelSubject(
      entry.model(classes: shape.classes, input: input), named: entry.id, input: input,
      batch: batch)
    let progress = StepProgress(output)
    let profile = try Profile(
      subject, mode, repeats: self.repeat, seed: seed, on: device, progress: progress.show)
    if let trace { try AtomicFile.write(profile.trace.text(), to: trace) }
    var json = profile.json(by: by).object ?? JSONObject()
    json["batch"] = JSON(batch)
    json["trace"] = trace.map { JSON($0) } ?? nil
    let more = trace.map { "\ntrace       \($0) (chrome://tracing, https://ui.perfetto.dev)" } ?? ""
    try output.show(.object(json), text: profile.text(by: by) + more)
  }
}

extension ModelSubject.Mode: ExpressibleByArgument {}
extension Profile.Grouping: ExpressibleByArgument {}
