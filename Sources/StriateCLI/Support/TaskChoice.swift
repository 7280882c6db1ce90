import ArgumentParser
import Striate

/// What a network is for, where the command line says it.
enum TaskChoice: String, ExpressibleByArgument, CaseIterable {
  /// A class an image.
  case classify
  /// A class a pixel.
  case segment

  /// Whether a network answers every pixel: by what is given, else by its id, else by what its weights say.
  static func isSegmenter(_ choice: TaskChoice?, _ id: String?, weights: String) throws -> Bool {
    let isKnown = id.map { id in SegmentationNetworks.all.contains { $0.id == id } }
    let isSegmenter: Bool
    if let isKnown {
      isSegmenter = isKnown
    } else {
      let metadata = try? WeightsMetadata(
        texts: WeightsFile(TrainedModel.locate(weights)).metadata)
      isSegmenter = metadata?.task == TaskChoice.segment.rawValue || choice == .segment
    }
    if let id { try check(choice, id, isSegmenter: isSegmenter) }
    return isSegmenter
  }

  /// Refuses a network of another task.
  static func check(_ choice: TaskChoice?, _ id: String, isSegmenter: Bool) throws {
    switch choice {
    case .segment where !isSegmenter:
      throw InspectError(
        .usage,
        "\(id) does not answer every pixel; networks that do: "
          + SegmentationNetworks.all.map(\.id).joined(separator: ", "))
    case .classify where isSegmenter:
      throw InspectError(
        .usage, "\(id) answers every pixel; leave --task out, or take a network of 'striate models'"
      )
    default: break
    }
  }
}
