import ArgumentParser
import Striate

struct QuantizeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Makes a trained network compute in 8-bit integers, and measures what that gives.",
    discussion: """
      Filters get a scale each; activations one scale, found over samples of the training split of \
      --calibrate. Both networks are then timed in turns on one image, and tested on the test split. A \
      network that is not faster, or loses more than --max-drop points, is no optimisation: it is not \
      written and the exit code is 1, unless --force is given. 'eval', 'predict', 'run' and 'bench' take \
      the file as --weights.
      """)

  @Argument(help: "The network's id.", completion: .models)
  var model: String

  @Option(
    help: "A .safetensors file, or a run folder: its best checkpoint, else its last.",
    completion: .file())
  var weights: String

  @Option(help: "Data whose training samples the ranges are found over.", completion: .data)
  var calibrate: String

  @Option(help: "Data to test on; by default those of --calibrate.", completion: .data)
  var eval: String?

  @Option(help: "How ranges are found: minmax, percentile or kl.")
  var method = CalibrationMethod.minmax

  @Option(help: "The share of the numbers that 'percentile' keeps, in percent.")
  var percentile = 99.99

  @Option(help: "Samples that are looked at, at most.")
  var samples = 512

  @Option(help: "Samples at once.")
  var batchSize = 16

  @Option(help: "Layers to keep in floating point: names, 'first' or 'last', joined by commas.")
  var keep: String?

  @Option(help: "Points of accuracy that may be lost.")
  var maxDrop = 1.0

  @Option(help: "Timed answers of each network.")
  var `repeat` = 200

  @Option(help: "The file to write; by default MODEL-int8.safetensors.", completion: .file())
  var output: String?

  @Flag(help: "Write the file even of a network that is no optimisation.")
  var force = false

  @Option(help: "Threads that read images; by default as many as there are cores.")
  var workers: Int?

  @OptionGroup(title: "Images") var images: SizingOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var shown: OutputOptions

  func validate() throws {
    for (name, value, most) in [
      ("--samples", samples, 1 << 24), ("--batch-size", batchSize, 1 << 16),
      ("--repeat", self.repeat, 1 << 20),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name) must be from 1 to \(most), found \(value)")
    }
    if !(percentile > 0 && percentile <= 100) {
      throw ValidationError("--percentile must be above 0 and at most 100, found \(percentile)")
    }
    if !(maxDrop >= 0 && maxDrop <= 100) {
      throw ValidationError("--max-drop must be from 0 to 100, found \(maxDrop)")
    }
    if let workers, !(0...256).contains(workers) {
      throw ValidationError("--workers must be from 0 to 256, found \(workers)")
    }
  }

  func run() throws {
    let known = try TrainedModel.describe(model, weights: weights)
    let calibration = try data(calibrate, known.metadata, known.input)
    let test = try eval.map { try data($0, known.metadata, known.input) } ?? calibration
    let trained = try TrainedModel(model, weights: weights, input: calibration.train.inputShape)
    if trained.isQuantized {
      throw InspectError(.usage, "\(trained.path) holds a quantised network already")
    }
    let device = try device.find()
    let quantizer = quantizer(calibration)
    shown.note("calibrating \(trained.entry.id) on \(device.id) over \(calibration.name)")
    let result = try quantizer.quantize(
      trained.model, weights: trained.weights, input: trained.input, data: calibration.train,
      on: device)
    shown.note("\(result.layers.count) layers quantised; timing and testing both networks")
    var report = try QuantizationReport(
      trained.model, trained.weights, quantized: result.model, tensors: result.tensors,
      input: trained.input, repeats: self.repeat, on: device)
    report.before.accuracy = try accuracy(trained.model, trained.weights, test, device)
    report.after.accuracy = try accuracy(result.model, result.tensors, test, device)
    let fault = report.fault(allowing: maxDrop)
    let path = output ?? "\(trained.entry.id)-int8.safetensors"
    if fault == nil || force {
      try QuantizedFile.write(
        result, by: quantizer, data: calibration.name, metadata: trained.metadata,
        model: trained.entry.id, to: path)
    }
    try show(report, result, fault, path, test, device)
    if let fault {
      guard force else {
        throw InspectError(.mismatch, "\(fault); nothing was written (--force writes it)")
      }
      Output.warning(fault)
    }
  }

  private func quantizer(_ data: DataSplits) -> Quantizer {
    var quantizer = Quantizer()
    quantizer.method = method
    quantizer.percentile = percentile
    quantizer.samples = samples
    quantizer.batchSize = batchSize
    quantizer.threads = threads(data)
    quantizer.kept = Set(keep?.split(separator: ",").map(String.init) ?? [])
    return quantizer
  }

  private func data(
    _ name: String, _ metadata: WeightsMetadata, _ input: Shape
  ) throws -> DataSplits {
    let test = try TestData(
      name, for: metadata, input: input, choices: images.applied(to: DataPreparation()))
    for line in test.splits.notes { Output.warning(line) }
    return test.splits
  }

  private func threads(_ data: DataSplits) -> Int {
    workers ?? (data.preprocessing == nil ? 1 : CPUBackend.availableCores)
  }

  private func accuracy(
    _ model: any Layer, _ weights: NamedTensors, _ data: DataSplits, _ device: Device
  ) throws -> Double {
    func test(_ model: some Layer) throws -> Evaluation {
      try Evaluation(model, weights: weights, data: data.test, threads: threads(data), on: device)
    }
    return try test(model).accuracy
  }

  private func show(
    _ report: QuantizationReport, _ result: Quantizer.Result, _ fault: String?, _ path: String,
    _ test: DataSplits, _ device: Device
  ) throws {
    let isWritten = fault == nil || force
    var json = report.json
    json["model"] = JSON(model)
    json["method"] = JSON(method.rawValue)
    json["samples"] = JSON(result.samples)
    json["calibrated_on"] = JSON(calibrate)
    json["tested_on"] = JSON(test.name)
    json["images"] = JSON(test.test.count)
    json["layers"] = JSON(result.layers.map(\.name))
    json["kept"] = JSON(result.kept)
    json["is_optimisation"] = JSON(fault == nil)
    json["fault"] = fault.map { JSON($0) } ?? .null
    json["file"] = isWritten ? JSON(path) : .null
    json["device"] = JSON(device.id)
    json["threads"] = JSON(device.threads)
    let lines = TextTable.pairs([
      ("layers", "\(result.layers.count) in integers"),
      ("ranges", "\(method.rawValue) over \(result.samples) samples of \(calibrate)"),
      ("tested on", "\(test.test.count) images of \(test.name)"),
      ("file", isWritten ? path : "not written"),
    ])
    try shown.show(.object(json), text: "\(report.text)\n\n\(lines)")
  }
}

extension CalibrationMethod: ExpressibleByArgument {}
