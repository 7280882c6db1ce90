import ArgumentParser
import Striate

struct WeightsConvertVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Writes a file's tensors as safetensors.")

  @Argument(
    help: "The file, or a run folder; FILE#PREFIX takes the tensors under a prefix.",
    completion: .file())
  var file: String

  @Argument(help: "The safetensors file to write.", completion: .file())
  var target: String

  @Option(help: "Of which model the weights are, for the file to say; a model's names are checked.")
  var model: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard target.hasSuffix(".safetensors") else {
      throw InspectError(
        .usage, "\(target) does not end in .safetensors, which is the format that is written")
    }
    let file = try WeightsFile(TrainedModel.locate(file))
    var metadata = file.metadata
    let tensors: NamedTensors
    var names: WeightNames?
    if let model {
      let entry = try Catalog.find(model)
      let known = WeightsMetadata(texts: metadata)
      let found = try NetworkWeights(
        file, of: entry.model(input: known.input), input: known.input ?? entry.input, id: entry.id)
      for line in found.notes { output.note(line) }
      (tensors, names) = (try found.read(), found.convention)
      try found.checkForm(tensors, classes: entry.classes)
      let lacking = found.missing
      guard lacking.allSatisfy(found.head.contains) else {
        throw InspectError(
          .mismatch,
          "\(file.path) lacks \(Numbers.counted(lacking.count, "tensor")) of \(model): "
            + lacking.prefix(4).joined(separator: ", "))
      }
      if !lacking.isEmpty {
        output.note(
          "\(file.path) is a backbone: without \(lacking.prefix(4).joined(separator: ", "))")
      }
      metadata["model"] = entry.id
    } else {
      tensors = try file.whole()
    }
    guard tensors.count > 0 else { throw file.empty }
    try Safetensors.write(tensors, metadata: metadata, to: target)
    let count = tensors.count
    let renamed = names.map { ", renamed from the names of \($0.rawValue)" } ?? ""
    try output.show(
      [
        "file": JSON(target), "tensors": JSON(count),
        "names": names.map { JSON($0.rawValue) } ?? nil,
      ],
      text: "\(target): \(Numbers.counted(count, "tensor"))\(renamed)")
  }
}
