import ArgumentParser
import Striate

/// A network under the electrode: trained, or with the first weights of seed 0.
struct LabNetwork {
  let id: String
  let model: any Layer
  let weights: NamedTensors
  let input: Shape
  let mean: [Float]
  let std: [Float]
  /// Whether its weights were trained.
  let isTrained: Bool

  init(_ name: String?, weights place: String?) throws {
    if let place {
      let trained = try TrainedModel(name, weights: place)
      let known = trained.metadata
      (id, model, weights, input) = (
        trained.entry.id, trained.model, trained.weights, trained.input
      )
      mean = known.preprocessing?.mean ?? known.mean
      std = known.preprocessing?.std ?? known.std
    } else {
      let entry = try Catalog.find(name ?? "")
      (id, model, input) = (entry.id, entry.model(), entry.input)
      weights = try Naming(model).initialWeights(seed: 0)
      (mean, std) = ([], [])
    }
    isTrained = place != nil
  }
}

/// The names of layers, joined by commas.
struct LayerList {
  let names: [String]

  init(_ argument: String) throws {
    names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names.contains("") {
      throw ValidationError("expected names of layers joined by commas, found '\(argument)'")
    }
  }
}
