import ArgumentParser
import Striate

struct WeightsConvertVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Writes a file's tensors as safetensors.")

  @Argument(help: "The file.", completion: .file())
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
    let content = try WeightsFile.read(file)
    var (metadata, tensors) = (content.metadata, content.tensors)
    var names: WeightNames?
    if let model {
      let entry = try Catalog.find(model)
      // The network's own names and shapes, but for the number of classes.
      let naming = Naming(entry.model())
      (tensors, names) = WeightNames.adapted(tensors, to: naming)
      let missing = naming.parameters.map { $0.path }.filter {
        tensors[$0] == nil && !$0.hasSuffix(".num_batches_tracked")
      }
      guard missing.isEmpty else {
        throw InspectError(
          .usage,
          "\(file) lacks \(Numbers.counted(missing.count, "tensor")) of \(model): "
            + missing.prefix(4).joined(separator: ", "))
      }
      metadata["model"] = entry.id
    }
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
