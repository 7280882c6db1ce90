import StriateCore
import StriateIR
import StriateNN

/// What others call the weights of networks of the catalogue, and the way from their names to the catalogue's.
///
/// The catalogue's own keys are torchvision's. A file is never guessed at: a convention counts only where it supplies
/// every tensor of the network but those of its classifier and of what only training needs. Whatever wraps a network
/// (`module.`, `model.`, `_orig_mod.`, a key of a checkpoint) may stand before the names of any convention: see
/// `NameFit`.
public enum WeightNames: String, Sendable, Hashable, CaseIterable {
  /// The catalogue's own names behind what wraps a network.
  case wrapped
  /// torchvision's DenseNets as they were published in 2017: `denselayer1.norm.1` for `denselayer1.norm1`.
  case oldDenseNet = "old-densenet"
  /// timm's (Wightman, "PyTorch Image Models"), where it is not torchvision's own.
  case timm
  /// Keras Applications' `layer/kernel`, of files that `numpy.savez` wrote: kernels `[H, W, I, O]`.
  case keras

  /// Whose names they are, as in "it has … names".
  public var summary: String {
    switch self {
    case .wrapped: "wrapped"
    case .oldDenseNet: "torchvision's of 2017"
    case .timm: "timm's"
    case .keras: "Keras'"
    }
  }

  /// A tensor of the network.
  public typealias Expected = (name: String, shape: Shape)

  /// Finds the convention that tensors follow and names them as the catalogue does.
  ///
  /// - Parameters:
  ///   - tensors: those of a file.
  ///   - expected: the network's parameters in its own order, for any number of classes.
  /// - Returns: the tensors under the network's names and the convention; the tensors as they are, and nil, where they
  ///   have these names already or follow no convention that is known, or several networks of the file fit.
  public static func adapted(
    _ tensors: NamedTensors, to expected: [Expected]
  ) -> (tensors: NamedTensors, convention: WeightNames?) {
    let shapes = tensors.reduce(into: [String: Shape]()) { $0[$1.name] = $1.value.shape }
    let fits = NameFit.all(of: expected, in: shapes).filter(\.missing.isEmpty)
    guard let fit = fits.first, fits.count == 1, !fit.isOwn else { return (tensors, nil) }
    var adapted = NamedTensors()
    for (name, _) in expected { adapted[name] = fit.tensor(name) { tensors[$0] } }
    return (adapted, fit.convention ?? .wrapped)
  }

  /// The same for the parameters of a model.
  public static func adapted(
    _ tensors: NamedTensors, to naming: Naming
  ) -> (tensors: NamedTensors, convention: WeightNames?) {
    adapted(tensors, to: naming.parameters.map { ($0.path, $0.parameter.type.shape) })
  }

  /// Where each of the network's tensors comes from; nil where the network has no names of the convention.
  func sources(of expected: [Expected]) -> [String: WeightSource]? {
    switch self {
    case .wrapped:
      Dictionary(
        expected.map { ($0.name, WeightSource($0.name)) }, uniquingKeysWith: { first, _ in first })
    case .oldDenseNet: Self.oldDenseNet(expected)
    case .timm: TimmNames.sources(of: expected)
    case .keras: KerasNames.sources(of: expected)
    }
  }

  private static func oldDenseNet(_ expected: [Expected]) -> [String: WeightSource] {
    var sources: [String: WeightSource] = [:]
    for (name, _) in expected {
      var parts = name.split(separator: ".").map(String.init)
      if parts.contains(where: { $0.hasPrefix("denselayer") }), parts.count > 2 {
        let layer = parts[parts.count - 2]
        for kind in ["norm", "conv"] where layer.hasPrefix(kind) && layer.count == kind.count + 1 {
          parts[parts.count - 2] = "\(kind).\(layer.dropFirst(kind.count))"
        }
      }
      sources[name] = WeightSource(parts.joined(separator: "."))
    }
    return sources
  }
}
