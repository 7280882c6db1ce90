import StriateCore
import StriateIR
import StriateNN

/// What others call the weights of networks of the catalogue, and the way from their names to the catalogue's.
///
/// The catalogue's own keys are torchvision's. A file is never guessed at: a convention counts only where it supplies
/// every tensor of the network.
public enum WeightNames: String, Sendable, Hashable, CaseIterable {
  /// The same names behind what wraps a network: `module.`, `model.`, `_orig_mod.`, `backbone.`.
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

  /// Finds the convention that a file follows and names its tensors as the catalogue does.
  ///
  /// - Parameters:
  ///   - tensors: the file's.
  ///   - expected: the network's parameters in its own order, for any number of classes.
  /// - Returns: the tensors under the network's names and the convention; the tensors as they are, and nil, where they
  ///   have these names already or follow no convention that is known.
  public static func adapted(
    _ tensors: NamedTensors, to expected: [Expected]
  ) -> (tensors: NamedTensors, convention: WeightNames?) {
    let needed = expected.filter { !$0.name.hasSuffix(".num_batches_tracked") }
    if needed.allSatisfy({ tensors[$0.name] != nil }) { return (tensors, nil) }
    for convention in allCases {
      guard let sources = convention.sources(of: expected, in: tensors) else { continue }
      var adapted = NamedTensors()
      for (name, _) in expected {
        if let source = sources[name] { adapted[name] = source.tensor(tensors) }
      }
      if needed.allSatisfy({ adapted[$0.name] != nil }) { return (adapted, convention) }
    }
    return (tensors, nil)
  }

  /// The same for the parameters of a model.
  public static func adapted(
    _ tensors: NamedTensors, to naming: Naming
  ) -> (tensors: NamedTensors, convention: WeightNames?) {
    adapted(tensors, to: naming.parameters.map { ($0.path, $0.parameter.type.shape) })
  }

  /// Where each of the network's tensors comes from; nil where the file cannot follow the convention.
  private func sources(
    of expected: [Expected], in tensors: NamedTensors
  ) -> [String: WeightSource]? {
    switch self {
    case .wrapped:
      let last = expected.last?.name ?? ""
      guard let wrapped = tensors.names.first(where: { $0.hasSuffix(".\(last)") }) else {
        return nil
      }
      let prefix = wrapped.dropLast(last.count)
      return Dictionary(
        uniqueKeysWithValues: expected.map { ($0.name, WeightSource(prefix + $0.name)) })
    case .oldDenseNet: return Self.oldDenseNet(expected)
    case .timm: return TimmNames.sources(of: expected)
    case .keras:
      guard tensors.names.contains(where: { $0.contains("/kernel") }) else { return nil }
      return KerasNames.sources(of: expected)
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

/// The tensor of a file that becomes one of a network, and what must be done to it.
struct WeightSource {
  /// What is done to a tensor.
  enum Change {
    /// Only its shape is another one, of as many numbers.
    case reshape(Shape)
    /// The axes come in this order, then have this shape.
    case transpose([Int], from: Shape, to: Shape)
    /// Another tensor is subtracted where it is there: a bias before a norm, taken from the norm's mean.
    case subtract(String)
  }

  var name: String
  var change: Change?

  init(_ name: some StringProtocol, _ change: Change? = nil) {
    (self.name, self.change) = (String(name), change)
  }

  /// The network's tensor; nil where the file has none or another number of values.
  func tensor(_ tensors: NamedTensors) -> HostTensor? {
    guard let found = Self.find(name, tensors) else { return nil }
    switch change {
    case nil: return found
    case .reshape(let shape):
      // The number of classes may be another one.
      guard shape.rank > 0, found.shape.rank > 0 else { return nil }
      return try? found.reshaped(Shape([found.shape[0]] + shape.dims.dropFirst()))
    case .transpose(let order, let from, let to):
      return Self.transposed(found, order, from: from, to: to)
    case .subtract(let other):
      guard let bias = Self.find(other, tensors) else { return found }
      let (a, b) = (found.scalars(as: Float.self), bias.scalars(as: Float.self))
      return a.count == b.count ? try? HostTensor(zip(a, b).map(-), shape: found.shape) : nil
    }
  }

  /// Keras 2 wrote `:0` behind names.
  private static func find(_ name: String, _ tensors: NamedTensors) -> HostTensor? {
    tensors[name] ?? (name.contains("/") ? tensors["\(name):0"] : nil)
  }

  /// `from` says how the values are to be read; its last axis, which may be of classes, is the tensor's own.
  private static func transposed(
    _ tensor: HostTensor, _ order: [Int], from: Shape, to: Shape
  ) -> HostTensor? {
    guard let outputs = tensor.shape.dims.last else { return nil }
    let dims = Array(from.dims.dropLast()) + [outputs]
    guard Shape(dims).count == tensor.count, order.count == dims.count else { return nil }
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dims[axis + 1]
    }
    let (shape, steps) = (order.map { dims[$0] }, order.map { strides[$0] })
    let old = tensor.scalars(as: Float.self)
    var new: [Float] = []
    new.reserveCapacity(old.count)
    var place = [Int](repeating: 0, count: shape.count)
    var offset = 0
    for _ in old {
      new.append(old[offset])
      var axis = shape.count - 1
      while axis >= 0 {
        place[axis] += 1
        offset += steps[axis]
        if place[axis] < shape[axis] { break }
        offset -= place[axis] * steps[axis]
        place[axis] = 0
        axis -= 1
      }
    }
    return try? HostTensor(new, shape: Shape([outputs] + to.dims.dropFirst()))
  }
}
