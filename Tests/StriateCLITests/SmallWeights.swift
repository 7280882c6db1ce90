import Foundation
import Striate

/// Fresh weights of LeNet-5 for a small data set in a safetensors file.
struct SmallWeights {
  let data: SmallData
  let path: String

  /// - Parameters:
  ///   - metadata: replaces what the file says beside the tensors.
  ///   - change: what is done to the tensors before they are written.
  init(
    _ data: SmallData, metadata: [String: String] = [:],
    _ change: (inout NamedTensors) throws -> Void = { _ in }
  ) throws {
    self.data = data
    path = data.path("weights.safetensors")
    let model = LeNet5(input: [1, 12, 12])
    var tensors = try Naming(model).initialWeights(seed: 1)
    try change(&tensors)
    try Safetensors.write(
      tensors,
      metadata: ["model": "lenet5", "input": "[1,12,12]"].merging(metadata) { $1 }, to: path)
  }

  /// The command line of `eval` or `predict`.
  func arguments(_ verb: String, model: String? = nil) -> [String] {
    [verb, "--weights", path, "--data", data.name, "--device", "reference"]
      + (verb == "predict" ? ["--index", "0,1"] : []) + (model.map { ["--model", $0] } ?? [])
  }
}
