import ArgumentParser
import Striate

struct WeightsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Files of weights: look into one, convert one, get one.",
    discussion: """
      Read are .safetensors, what torch.save writes (.pth, .pt, .bin) and what numpy.savez does (.npz), told by \
      their content. A file of \
      torch.save may hold code; only tensors are taken from it, and anything else is refused.
      """,
    subcommands: [
      WeightsInspectVerb.self, WeightsConvertVerb.self, WeightsListVerb.self, WeightsFetchVerb.self,
    ])
}
