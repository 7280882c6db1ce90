import StriateCore
import StriateFormats
import StriateIR
import StriateModels
import StriateNN

/// The weights of a network, found among the tensors of a file.
///
/// A checkpoint may hold several networks, behind whatever wraps them and under the names of several conventions. The one
/// that fits best is taken, and it is said which; where two fit equally, and are not the same numbers, none is.
public struct NetworkWeights {
  /// The file.
  public let file: WeightsFile
  /// Which of its tensors are the network's.
  public let fit: NameFit
  /// What is to be said about the choice, a line each.
  public let notes: [String]
  /// The network's parameters that only training uses, as those of auxiliary heads; empty where none is missing.
  public let trainingOnly: Set<String>
  /// The parameters of the network's last part, its classifier.
  public let head: Set<String>
  private let parameters: [(name: String, type: TensorType)]

  /// Finds a network's weights.
  ///
  /// - Parameters:
  ///   - model: the network.
  ///   - input: the shape of one input, `[C, H, W]`.
  ///   - id: its name in the catalogue, for messages.
  /// - Throws: `FormatError` naming what does not fit, or which networks fit equally.
  public init(_ file: WeightsFile, of model: any Layer, input: Shape, id: String) throws {
    try self.init(file, naming: Naming(model), id: id) {
      Self.trainingOnly(model, input: input)
    }
  }

  /// Finds the weights of a network with these parameters.
  ///
  /// - Parameter training: gives the parameters that no answer depends on; asked only where some are missing.
  /// - Throws: `FormatError` naming what does not fit, or which networks fit equally.
  init(
    _ file: WeightsFile, naming: Naming, id: String, trainingOnly training: () -> Set<String>
  ) throws {
    let parameters = naming.parameters.map { (name: $0.path, type: $0.parameter.type) }
    let expected = parameters.map { (name: $0.name, shape: $0.type.shape) }
    let shapes = file.shapes
    var optional: Set<String> = []
    var fits = NameFit.all(of: expected, in: shapes)
    if fits.isEmpty || fits.contains(where: { !$0.missing.isEmpty }) {
      optional = training()
      fits = NameFit.all(of: expected, in: shapes, optional: optional)
    }
    guard let chosen = try Self.best(of: fits, optional, file, expected.map(\.name), id) else {
      throw Self.misfit(file, parameters, id)
    }
    (self.file, fit, trainingOnly, self.parameters) = (file, chosen, optional, parameters)
    head = Set(NameFit.head(of: expected))
    let others = fits.filter { $0.prefix != chosen.prefix }
    notes =
      others.isEmpty
      ? []
      : [
        "\(file.path) holds \(fits.count) networks that fit \(id): taken is \(file.name(of: chosen)), not "
          + others.map { file.name(of: $0) }.joined(separator: ", ")
      ]
  }

  /// The network's tensors that are missing in the file and are needed to answer.
  public var missing: [String] { fit.missing.filter { !trainingOnly.contains($0) } }

  /// The tensors that the file has, under the network's names and in its types.
  ///
  /// Floating-point numbers become those of the network, counts whole numbers; counts of batches, which files of PyTorch
  /// before 0.4.1 lack, are zero.
  ///
  /// - Throws: `FormatError` where one of them cannot be read.
  public func read() throws -> NamedTensors {
    var tensors = NamedTensors()
    for (name, type) in parameters {
      if let found = try fit.tensor(name, { try file.read($0) }) {
        tensors[name] = Self.cast(found, to: type)
      } else if name.hasSuffix(".num_batches_tracked") {
        tensors[name] = HostTensor(zeros: type)
      }
    }
    return tensors
  }

  /// The shape of one of the network's tensors; nil where the file lacks it.
  public func shape(_ name: String) throws -> Shape? {
    try fit.tensor(name) { try file.read($0) }?.shape
  }

  /// Whose names the file has; nil where they are the network's own at their place.
  public var convention: WeightNames? {
    if let convention = fit.convention { return convention }
    let place = fit.prefix.hasSuffix(".") ? String(fit.prefix.dropLast()) : fit.prefix
    return fit.prefix.isEmpty || file.networks.contains { $0.place == place } ? nil : .wrapped
  }

  /// Refuses tensors that lack what is needed or have other shapes than a network's.
  ///
  /// - Throws: `FormatError` naming what does not fit, and the network that would.
  func check(
    _ tensors: NamedTensors, _ naming: Naming, _ needed: Set<String>, id: String
  ) throws(FormatError) {
    let expected = naming.parameters.map { (name: $0.path, type: $0.parameter.type) }
    let lacking = expected.map(\.name).filter { needed.contains($0) && tensors[$0] == nil }
    if !lacking.isEmpty, lacking.allSatisfy(head.contains) {
      throw FormatError(
        .mismatch,
        "the weights are those of \(id) without its classifier: \(Self.list(lacking)) "
          + "\(lacking.count == 1 ? "is" : "are") missing. A backbone serves 'features' and 'train --weights'",
        path: file.path)
    }
    do throws(FormatError) {
      try LoadReport(tensors, expected: expected.filter { needed.contains($0.name) })
        .requireComplete(path: file.path)
    } catch {
      throw BestFit.advised(error, shapes, for: id)
    }
  }

  /// The shapes of all tensors of the file that stand where the network's do.
  public var shapes: [String: Shape] {
    let inside = file.names.filter { $0.hasPrefix(fit.prefix) }
    return Dictionary(
      inside.map { (String($0.dropFirst(fit.prefix.count)), file[$0]?.shape ?? .scalar) },
      uniquingKeysWith: { $1 })
  }

  /// Refuses tensors of other shapes or types than the network's, but for the number of classes.
  ///
  /// - Throws: `FormatError` naming what does not fit.
  public func checkForm(_ tensors: NamedTensors, classes: Int) throws(FormatError) {
    let expected = parameters.filter { tensors[$0.name] != nil }.map { name, type in
      let (own, found) = (type.shape.dims, tensors[name]?.shape.dims ?? [])
      let isClassed = own.first == classes && own.dropFirst() == found.dropFirst()
      return (name: name, type: TensorType(type.dtype, isClassed ? Shape(found) : type.shape))
    }
    try LoadReport(tensors, expected: expected).requireComplete(path: file.path)
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
  }

  /// Another type for the same number; a number that is not whole is no count, and a whole one no weight.
  private static func cast(_ found: HostTensor, to type: TensorType) -> HostTensor {
    let dtype = type.dtype
    // One number may be a row of one, as PyTorch takes it.
    let isOne = type.shape.rank == 0 && found.shape.dims == [1]
    let tensor = isOne ? (try? found.reshaped(.scalar)) ?? found : found
    if tensor.dtype == dtype || tensor.dtype == .bool { return tensor }
    if tensor.dtype.isFloatingPoint, dtype.isFloatingPoint { return tensor.converted(to: dtype) }
    guard dtype.isInteger else { return tensor }
    let isWhole = tensor.scalars(as: Double.self).allSatisfy { $0.rounded() == $0 }
    return isWhole ? tensor.converted(to: dtype) : tensor
  }

  /// The parameters that no answer depends on.
  static func trainingOnly(_ model: any Layer, input: Shape) -> Set<String> {
    let type = TensorType(.float32, Shape([1] + input.dims))
    guard let graph = try? Graph.inference(of: model, input: type) else { return [] }
    let used = Set(graph.states.map(\.name))
    return Set(Naming(model).parameters.map(\.path)).subtracting(used)
  }

  // MARK: The choice

  private static func best(
    of fits: [NameFit], _ optional: Set<String>, _ file: WeightsFile, _ names: [String],
    _ id: String
  ) throws -> NameFit? {
    // What was chosen on the command line begins with the network.
    if file.choice != nil, let exact = fits.first(where: \.prefix.isEmpty) { return exact }
    func rank(_ fit: NameFit) -> (Int, Int, Int) {
      (
        fit.mismatched == 0 ? 0 : 1, fit.missing.count { !optional.contains($0) }, fit.unknown
      )
    }
    guard let least = fits.map(rank).min(by: <) else { return nil }
    let equal = fits.filter { rank($0) == least }
    // A prefix may be a key of the checkpoint and that of one of the networks under it too.
    if let choice = file.choice, let inner = equal.first(where: { $0.prefix == "\(choice)." }) {
      return inner
    }
    for other in equal.dropFirst() where try !areSame(equal[0], other, file, names) {
      throw FormatError(
        .mismatch,
        "the file holds \(equal.count) networks that fit \(id) equally; say which one is meant: "
          + equal.map { file.name(of: $0) }.joined(separator: ", "), path: file.path)
    }
    return equal.first
  }

  /// Whether two networks of a file are the same numbers.
  private static func areSame(
    _ a: NameFit, _ b: NameFit, _ file: WeightsFile, _ names: [String]
  ) throws -> Bool {
    try names.allSatisfy { name in
      if let x = a.source(name), let y = b.source(name), file.isSame(x, y) { return true }
      return try a.tensor(name) { try file.read($0) } == b.tensor(name) { try file.read($0) }
    }
  }

  /// Why no network of a file fits, told of the one that is most like it.
  private static func misfit(
    _ file: WeightsFile, _ parameters: [(name: String, type: TensorType)], _ id: String
  ) -> FormatError {
    if file.names.isEmpty, !file.isSafetensors { return file.empty }
    let network = (try? file.only())
    let prefix = network.map { $0.place.isEmpty ? "" : $0.place + "." } ?? ""
    var names = network?.names ?? file.names
    // What stands before all names wraps the network.
    let wrapper = Self.common(names)
    names = names.map { String($0.dropFirst(wrapper.count)) }
    let found = names.compactMap { name in
      file[prefix + wrapper + name]?.type.map { (name: name, type: $0) }
    }
    let expected = parameters.filter { !$0.name.hasSuffix(".num_batches_tracked") }
    let report = LoadReport(found: found, expected: expected)
    do throws(FormatError) {
      try report.requireComplete(path: file.path)
      return FormatError(
        .mismatch, "the weights do not fit the network: their layout is another one",
        path: file.path)
    } catch {
      let shapes = Dictionary(found.map { ($0.name, $0.type.shape) }, uniquingKeysWith: { $1 })
      return BestFit.advised(error, shapes, for: id)
    }
  }

  private static func common(_ names: [String]) -> String {
    guard let first = names.first, names.count > 1 else { return "" }
    var keys = first.split(separator: ".").dropLast()
    while !keys.isEmpty {
      let start = keys.joined(separator: ".") + "."
      if names.allSatisfy({ $0.hasPrefix(start) }) { return start }
      keys = keys.dropLast()
    }
    return ""
  }
}

extension WeightsFile {
  /// The shapes of all tensors.
  var shapes: [String: Shape] {
    Dictionary(names.map { ($0, self[$0]?.shape ?? .scalar) }, uniquingKeysWith: { $1 })
  }

  /// How a network of the file is chosen: `FILE#PREFIX`.
  func name(of fit: NameFit) -> String {
    let inner = fit.prefix.hasSuffix(".") ? String(fit.prefix.dropLast()) : fit.prefix
    let keys = [choice ?? "", inner].filter { !$0.isEmpty }
    return "\(path)#\(keys.joined(separator: "."))"
  }

  var isSafetensors: Bool { format == .safetensors }
}
