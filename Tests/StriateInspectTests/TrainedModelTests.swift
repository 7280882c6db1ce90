import Striate
import StriateTestSupport
import Testing

/// What a file of weights says about its network.
@Suite struct TrainedModelTests {
  /// Of the last tensor where it has a row a class, else of the file's names or the network as published.
  @Test(arguments: [
    ("lenet5", 10, [String]()), ("lenet5", 7, []), ("lenet5-1998", 10, []),
    ("lenet5-1998", 3, ["a", "b", "c"]), ("neocognitron", 4, []), ("hmax", 6, []),
  ]) func classesAreThoseOfTheFile(_ id: String, _ classes: Int, _ names: [String]) throws {
    let scratch = try Scratch()
    let entry = try Catalog.find(id)
    let weights = try Naming(entry.model(classes: classes)).initialWeights(seed: 0)
    let list = JSON.array(names.map { JSON($0) })
    let path = "\(scratch.path)/weights.safetensors"
    let texts = names.isEmpty ? ["model": id] : ["model": id, "classes": "\(list)"]
    try Safetensors.write(weights, metadata: texts, to: path)
    #expect(try TrainedModel(nil, weights: path).classes == classes)
  }
}
