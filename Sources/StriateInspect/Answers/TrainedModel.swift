import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN
import StriateTraining

/// A network of the catalogue with trained weights and what their file says about them.
public struct TrainedModel: Sendable {
  /// The network's record.
  public let entry: CatalogEntry
  /// The network.
  public let model: any Layer
  /// Its weights.
  public private(set) var weights: NamedTensors
  /// The file that they came from.
  public let path: String
  /// What the file says beside them.
  public let metadata: WeightsMetadata
  /// Whose names the file has for its tensors; nil where they are the network's own.
  public let convention: WeightNames?
  /// Whether the network computes in 8-bit integers.
  public var isQuantized: Bool { model is QuantizedModel }
  /// The classes that the network tells apart.
  public let classes: Int
  /// The shape of one input, `[C, H, W]`.
  public let input: Shape

  /// Reads weights into a network.
  ///
  /// - Parameters:
  ///   - name: the catalogue's id; nil takes the one that the file names.
  ///   - place: a file of weights or a run folder, of which the best checkpoint is taken, else the last;
  ///     of a checkpoint the weights or their average, whichever did better at its test.
  ///   - classes: nil takes as many as the weights have.
  ///   - input: nil takes the shape that the file names, else the published one.
  /// - Throws: `ModelError`, `FormatError` or `InspectError` where something is missing or does not fit.
  public init(
    _ name: String?, weights place: String, classes: Int? = nil, input: Shape? = nil
  ) throws {
    path = try Self.locate(place)
    let content = try WeightsFile.read(path)
    let known = try Self.known(name, content, path: path)
    (entry, metadata) = (known.entry, known.metadata)
    self.input = input ?? metadata.input ?? entry.input
    self.classes = classes ?? known.classes
    let base = entry.model(classes: self.classes, input: self.input)
    (weights, convention) = (known.tensors, known.convention)
    if QuantizedFile.isQuantized(content.metadata) {
      model = try QuantizedFile.model(base, content, input: self.input, path: path)
      return
    }
    model = base
    let expected = Naming(model).parameters.map { (name: $0.path, type: $0.parameter.type) }
    // Files of PyTorch before 0.4.1 do not count batches.
    for (name, type) in expected
    where name.hasSuffix(".num_batches_tracked") && weights[name] == nil {
      weights[name] = HostTensor(zeros: type)
    }
    do {
      try LoadReport(weights, expected: expected).requireComplete(path: path)
    } catch {
      throw BestFit.advised(error, weights, for: entry.id)
    }
  }

  /// What a weights' file says, and the shape of one input that follows, without making the network.
  ///
  /// - Throws: `ModelError`, `FormatError` or `InspectError` where something is missing.
  public static func describe(
    _ name: String?, weights place: String
  ) throws -> (metadata: WeightsMetadata, input: Shape) {
    let path = try locate(place)
    let known = try known(name, WeightsFile.read(path), path: path)
    return (known.metadata, known.metadata.input ?? known.entry.input)
  }

  /// What a file comes to.
  private typealias Known = (
    entry: CatalogEntry, metadata: WeightsMetadata, tensors: NamedTensors, convention: WeightNames?,
    classes: Int
  )

  /// The network that a file is of, its tensors under the network's names, what is known of it, and how many classes
  /// its weights tell apart.
  private static func known(
    _ name: String?, _ content: Safetensors.Content, path: String
  ) throws -> Known {
    let metadata = WeightsMetadata(texts: content.metadata)
    guard let name = name ?? metadata.model ?? PublishedWeights.named(path)?.model else {
      throw InspectError(.usage, "\(path) does not say of which model it is; give --model")
    }
    let entry = try Catalog.find(name)
    let plain = Naming(entry.model(input: metadata.input))
    let (tensors, convention) =
      QuantizedFile.isQuantized(content.metadata)
      ? (content.tensors, nil) : WeightNames.adapted(content.tensors, to: plain)
    // The last learned tensor is the classifier's bias, which has a number a class; but where classes are told apart by
    // fixed codes nothing learned says how many there are.
    let last = plain.parameters.last { $0.parameter.role == .weight }
    let tells = last?.parameter.type.shape.dims.first == entry.classes
    let learned = tells ? last.flatMap { tensors[$0.path] }?.shape.dims.first : nil
    let classes = learned ?? (metadata.classes.isEmpty ? entry.classes : metadata.classes.count)
    return (
      entry, metadata.completed(for: entry, path: path, classes: classes), tensors, convention,
      classes
    )
  }

  /// The weights' file at a place: of a checkpoint the weights or their average, whichever did better.
  ///
  /// - Throws: `InspectError` where there is none, or it is of a kind that is not read.
  public static func locate(_ place: String) throws(InspectError) -> String {
    if InputFile.isFolder(place) {
      for folder in ["best", "last"].map({ place.hasSuffix("/") ? place + $0 : "\(place)/\($0)" })
        + [place]
      {
        let file = Checkpoint.weightsPath(in: folder)
        if InputFile.exists(file) { return file }
      }
      throw InspectError(.missing, "\(place) is no run folder: it holds no checkpoint")
    }
    guard InputFile.exists(place) else {
      throw InspectError(.missing, "there is no file or run folder \(place)")
    }
    return place
  }

  /// The name of a class; its number where the names are not known.
  public func className(_ index: Int) -> String {
    metadata.classes.indices.contains(index) ? metadata.classes[index] : String(index)
  }
}
