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
  /// What is to be said about what was taken of the file, a line each.
  public let notes: [String]
  /// Whether the network computes in 8-bit integers.
  public var isQuantized: Bool { model is QuantizedModel }
  /// The classes that the network tells apart.
  public let classes: Int
  /// The shape of one input, `[C, H, W]`.
  public let input: Shape

  /// What a network is read for.
  public enum Purpose: Sendable {
    /// Answers: all but what only training uses.
    case answers
    /// The values of a layer: what they depend on.
    case layer(String)
    /// Its structure: nothing must be there.
    case structure
  }

  /// Reads weights into a network.
  ///
  /// - Parameters:
  ///   - name: the catalogue's id; nil takes the one that the file names.
  ///   - place: a file of weights, `FILE#PREFIX` of one with several networks, or a run folder, of which the best
  ///     checkpoint is taken, else the last; of a checkpoint the weights or their average, whichever did better at
  ///     its test.
  ///   - classes: nil takes as many as the weights have.
  ///   - input: nil takes the shape that the file names, else the published one.
  ///   - purpose: what for, which decides which tensors must be there.
  /// - Throws: `ModelError`, `FormatError` or `InspectError` where something is missing or does not fit.
  public init(
    _ name: String?, weights place: String, classes: Int? = nil, input: Shape? = nil,
    for purpose: Purpose = .answers
  ) throws {
    path = try Self.locate(place)
    let file = try WeightsFile(path)
    let known = try Self.known(name, file, path: path)
    (entry, metadata) = (known.entry, known.metadata)
    self.input = input ?? metadata.input ?? entry.input
    self.classes = classes ?? known.classes
    let base = entry.model(classes: self.classes, input: self.input)
    guard let found = known.found else {
      (convention, notes) = (nil, [])
      let content = try file.content()
      weights = content.tensors
      model = try QuantizedFile.model(base, content, input: self.input, path: path)
      return
    }
    (model, notes) = (base, found.notes)
    convention = found.convention
    weights = try found.read()
    let needed = try Self.needed(base, input: self.input, for: purpose, found)
    try found.check(weights, Naming(base), needed, id: entry.id)
  }

  /// What a weights' file says, and the shape of one input that follows, without making the network.
  ///
  /// - Throws: `ModelError`, `FormatError` or `InspectError` where something is missing.
  public static func describe(
    _ name: String?, weights place: String
  ) throws -> (metadata: WeightsMetadata, input: Shape) {
    let path = try locate(place)
    let known = try known(name, WeightsFile(path), path: path)
    return (known.metadata, known.metadata.input ?? known.entry.input)
  }

  /// What a file comes to.
  private typealias Known = (
    entry: CatalogEntry, metadata: WeightsMetadata, found: NetworkWeights?, classes: Int
  )

  /// The network that a file is of, where its tensors are, and how many classes they tell apart.
  ///
  /// A quantised network's tensors have names of their own.
  private static func known(_ name: String?, _ file: WeightsFile, path: String) throws -> Known {
    let metadata = WeightsMetadata(texts: file.metadata)
    guard let name = name ?? metadata.model ?? PublishedWeights.named(file.path)?.model else {
      throw InspectError(.usage, "\(path) does not say of which model it is; give --model")
    }
    let entry = try Catalog.find(name)
    let plain = entry.model(input: metadata.input)
    let isQuantized = QuantizedFile.isQuantized(file.metadata)
    let found =
      isQuantized
      ? nil
      : try NetworkWeights(
        file, of: plain, input: metadata.input ?? entry.input, id: entry.id)
    // The last learned tensor is the classifier's bias, which has a number a class; but where classes are told apart by
    // fixed codes nothing learned says how many there are.
    let last = Naming(plain).parameters.last { $0.parameter.role == .weight }
    let tells = last?.parameter.type.shape.dims.first == entry.classes
    var learned: Int?
    if tells, let last {
      learned = try (found.map { try $0.shape(last.path) } ?? file[last.path]?.shape)?.dims.first
    }
    let classes = learned ?? (metadata.classes.isEmpty ? entry.classes : metadata.classes.count)
    return (
      entry, metadata.completed(for: entry, path: file.path, classes: classes), found, classes
    )
  }

  /// The parameters that must be there.
  private static func needed(
    _ model: any Layer, input: Shape, for purpose: Purpose, _ found: NetworkWeights
  ) throws -> Set<String> {
    let all = Set(Naming(model).parameters.map(\.path))
    switch purpose {
    case .structure: return []
    case .answers: return all.subtracting(found.trainingOnly)
    case .layer(let layer):
      // Where nothing is missing, nothing must be traced.
      if found.missing.isEmpty { return all.subtracting(found.trainingOnly) }
      return try Features.parameters(of: model, input: input, layer: layer)
    }
  }

  /// The weights' file at a place: of a checkpoint the weights or their average, whichever did better.
  ///
  /// - Throws: `InspectError` where there is none, or it is of a kind that is not read.
  public static func locate(_ place: String) throws(InspectError) -> String {
    let file = WeightsFile.parts(of: place).path
    if InputFile.isFolder(place) {
      for folder in ["best", "last"].map({ place.hasSuffix("/") ? place + $0 : "\(place)/\($0)" })
        + [place]
      {
        let file = Checkpoint.weightsPath(in: folder)
        if InputFile.exists(file) { return file }
      }
      throw InspectError(.missing, "\(place) is no run folder: it holds no checkpoint")
    }
    guard InputFile.exists(file) else {
      throw InspectError(.missing, "there is no file or run folder \(file)")
    }
    return place
  }

  /// The name of a class; its number where the names are not known.
  public func className(_ index: Int) -> String {
    metadata.classes.indices.contains(index) ? metadata.classes[index] : String(index)
  }
}
