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
    var metadata = content.metadata
    if let model {
      let entry = try Catalog.find(model)
      // The network's own names and shapes, but for the number of classes.
      let expected = Naming(entry.model()).parameters.map { $0.path }
      let missing = expected.filter { content.tensors[$0] == nil }
      guard missing.isEmpty else {
        throw InspectError(
          .usage,
          "\(file) lacks \(Numbers.counted(missing.count, "tensor")) of \(model): "
            + missing.prefix(4).joined(separator: ", "))
      }
      metadata["model"] = entry.id
    }
    try Safetensors.write(content.tensors, metadata: metadata, to: target)
    let count = content.tensors.count
    try output.show(
      ["file": JSON(target), "tensors": JSON(count)],
      text: "\(target): \(Numbers.counted(count, "tensor"))")
  }
}
