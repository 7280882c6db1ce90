import ArgumentParser
import Striate

struct WeightsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Files of weights: look into one, convert one, get one.",
    discussion: """
      Read are .safetensors, what any version of torch.save writes (.pth, .pt, .bin), what numpy.savez does (.npz) and \
      an index of sharded files, told by their content. A file of torch.save may hold code: tensors are taken from it, \
      what else there is is counted and never run.
      """,
    subcommands: [
      WeightsInspectVerb.self, WeightsConvertVerb.self, WeightsListVerb.self, WeightsFetchVerb.self,
    ])
}
