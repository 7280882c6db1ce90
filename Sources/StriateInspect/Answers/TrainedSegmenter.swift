import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import StriateTraining

/// A network for segmentation with trained weights and what their file says about them.
public struct TrainedSegmenter: Sendable {
  /// The network's record.
  public let entry: SegmentationEntry
  /// The network.
  public let model: any SegmentationNetwork
  /// Its weights.
  public let weights: NamedTensors
  /// The file that they came from.
  public let path: String
  /// What the file says beside them.
  public let metadata: WeightsMetadata
  /// What is to be said about what was taken of the file, a line each.
  public let notes: [String]
  /// The classes that the network tells apart.
  public let classes: Int
  /// The shape of one input, `[C, H, W]`.
  public let input: Shape

  /// Reads weights into a network.
  ///
  /// - Parameters:
  ///   - name: the network's id; nil takes the one that the file names.
  ///   - place: a file of weights, `FILE#PREFIX` of one with several networks, or a run folder.
  ///   - classes: nil takes as many as the weights have.
  ///   - input: nil takes the shape that the file names, else the published one.
  /// - Throws: `ModelError`, `FormatError` or `InspectError` where something is missing or does not fit.
  public init(
    _ name: String?, weights place: String, classes: Int? = nil, input: Shape? = nil
  ) throws {
    path = try TrainedModel.locate(place)
    let file = try WeightsFile(path)
    metadata = WeightsMetadata(texts: file.metadata)
    guard let name = name ?? metadata.model else {
      throw InspectError(.usage, "\(path) does not say of which model it is; give --model")
    }
    entry = try SegmentationNetworks.find(name)
    self.input = input ?? metadata.input ?? entry.input
    let channels = self.input[0]
    let known = metadata.classes.isEmpty ? nil : metadata.classes.count
    let plain = entry.model(classes: known, channels: channels)
    let found = try Self.found(file, plain, self.input, id: entry.id)
    // The classifier's bias has a number a class.
    let last = Naming(plain).parameters.last {
      $0.parameter.role == .weight && !$0.path.hasPrefix("aux_classifier.")
        && $0.parameter.type.shape.rank == 1
    }
    let learned = try last.flatMap { try found.shape($0.path)?.dims.first }
    self.classes = classes ?? learned ?? known ?? entry.classes
    model = entry.model(classes: self.classes, channels: channels)
    let own = try Self.found(file, model, self.input, id: entry.id)
    notes = own.notes
    weights = try own.read()
    let needed = Set(Naming(model).parameters.map(\.path)).subtracting(own.trainingOnly)
    try own.check(weights, Naming(model), needed, id: entry.id)
  }

  /// The name of a class; its number where the names are not known.
  public func className(_ index: Int) -> String {
    metadata.classes.indices.contains(index) ? metadata.classes[index] : "\(index)"
  }

  private static func found(
    _ file: WeightsFile, _ model: some SegmentationNetwork, _ input: Shape, id: String
  ) throws -> NetworkWeights {
    try NetworkWeights(file, naming: Naming(model), id: id) {
      // What the answer itself does not depend on: the auxiliary head.
      let type = TensorType(.float32, Shape([1] + input.dims))
      guard
        let program = try? Program(
          on: .reference, options: TraceOptions(mode: .inference), naming: Naming(model),
          { builder in builder.output("out", model(builder.input("input", type)).out) })
      else { return [] }
      let used = Set(program.graph.states.map(\.name))
      return Set(Naming(model).parameters.map(\.path)).subtracting(used)
    }
  }
}
