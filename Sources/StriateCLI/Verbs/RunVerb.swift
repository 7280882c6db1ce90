import ArgumentParser
import Striate

struct RunVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Raw tensors in, raw tensors out, as NPY files.",
    discussion: """
      Images are NCHW float32, targets the classes' numbers [N]. With --target the loss is given too, \
      and with --gradients the gradient of every parameter under its key. --tap PATH=FILE.npy saves what a \
      layer returns: PATH#n of its n-th further call, PATH:k its output k, PATH.grad the loss's gradient in \
      it; --tap list shows the paths.
      """)

  @Option(help: "The network's id.", completion: .models)
  var model: String

  @Option(
    help: "A .safetensors file or a run folder; without it --seed makes random weights.",
    completion: .file())
  var weights: String?

  @Option(help: "The seed of random weights, and of dropout with --training.")
  var seed: UInt64?

  @Option(help: "The input, as [NAME=]FILE.npy.")
  var input: [String] = []

  @Option(help: "A folder for the outputs, as NAME.npy.")
  var outputDir: String?

  @Option(help: "Classes [N] as an NPY file of integers.")
  var target: String?

  @Option(help: "The loss: cross-entropy.")
  var loss: Loss?

  @Option(help: "A safetensors file for the gradients of the loss.")
  var gradients: String?

  @Flag(help: "As in training: batch statistics and dropout.")
  var training = false

  @Option(help: "Also save what a layer returns, as PATH=FILE.npy; 'list' shows the paths.")
  var tap: [String] = []

  @Option(help: "The number of classes; by default as many as the weights have.")
  var classes: Int?

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  enum Loss: String, ExpressibleByArgument, CaseIterable { case crossEntropy = "cross-entropy" }

  func validate() throws {
    if listsTaps { return }
    if input.isEmpty { throw ValidationError("give --input FILE.npy, the images") }
    if weights == nil, seed == nil {
      throw ValidationError("give --weights, or --seed N for random ones")
    }
    if target == nil, gradients != nil || loss != nil {
      throw ValidationError("--loss and --gradients need --target")
    }
  }

  func run() throws {
    let raw = try RawRun(
      model: model, weights: weights, seed: seed, classes: classes,
      input: listsTaps && input.isEmpty ? nil : RawRun.single(input), target: target,
      taps: RawRun.taps(listsTaps ? [] : tap),
      wantsGradients: gradients != nil, isTraining: training, on: device.find())
    if listsTaps { return try list(raw) }
    let result = try raw.run()
    var files: [(name: String, tensor: HostTensor, file: String?)] = []
    if let outputDir { try Files.makeFolder(outputDir) }
    for (name, tensor) in result.outputs {
      let file = outputDir.map { "\($0)/\(name).npy" }
      if let file { try NPY.write(tensor, to: file) }
      files.append((name, tensor, file))
    }
    for (tap, tensor) in zip(raw.taps, result.taps) {
      try NPY.write(tensor, to: tap.file)
      files.append((tap.name, tensor, tap.file))
    }
    if let gradients { try Safetensors.write(result.gradients, to: gradients) }
    try output.show(json(files, result.loss, raw), text: text(files, result.loss))
  }

  private var listsTaps: Bool { tap == ["list"] }

  /// Shows what can be tapped.
  private func list(_ raw: RawRun) throws {
    let known = try raw.tappable()
    let json = known.map { tap, kind, type -> JSON in
      [
        "path": JSON(tap.description), "kind": JSON(kind), "shape": type.shape.json,
        "dtype": JSON(type.dtype.rawValue),
      ]
    }
    var table = TextTable([("path", .left), ("kind", .left), ("tensor", .left)])
    for (tap, kind, type) in known { table.add([tap.description, kind, "\(type)"]) }
    try output.show(["taps": .array(json)], text: table.text)
  }

  private func json(
    _ files: [(name: String, tensor: HostTensor, file: String?)], _ loss: Double?, _ raw: RawRun
  ) -> JSON {
    let outputs = files.map { name, tensor, file -> JSON in
      [
        "name": JSON(name), "shape": tensor.shape.json, "dtype": JSON(tensor.dtype.rawValue),
        "file": file.map { JSON($0) } ?? nil,
      ]
    }
    return [
      "outputs": .array(outputs), "loss": loss.map { JSON($0) } ?? nil,
      "gradients": gradients.map { JSON($0) } ?? nil, "model": JSON(raw.entry.id),
      "device": JSON(raw.device.id),
    ]
  }

  private func text(
    _ files: [(name: String, tensor: HostTensor, file: String?)], _ loss: Double?
  ) -> String {
    var lines = files.map { name, tensor, file in
      (name, file.map { "\(tensor.type) in \($0)" } ?? tensor.description)
    }
    if let loss { lines.append(("loss", "\(loss)")) }
    if let gradients { lines.append(("gradients", gradients)) }
    return TextTable.pairs(lines)
  }
}
