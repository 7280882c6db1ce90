import StriateCore

/// timm's names for networks of inverted residuals: MobileNet v2 and v3, MNASNet, EfficientNet.
///
/// timm numbers blocks by stage and place (`blocks.2.1`) and names their convolutions after what they do: `conv_pw`
/// widens, `conv_dw` is depthwise, `conv_pwl` narrows; a stage is of blocks with equally many outputs. torchvision
/// numbers layers. Walking through the network in its order tells both. EfficientNet's second version is another network
/// there and is left out; weights that timm took from TensorFlow (`tf_…`) have the same names but another padding, so
/// that they answer a little worse here.
enum InvertedResidualNames {
  /// A layer with weights: a convolution, a norm, a linear layer.
  private struct Layer {
    var path: String
    var shape: Shape
    var entries: [WeightNames.Expected]
    var isExcitation: Bool { path.hasSuffix(".fc1") || path.hasSuffix(".fc2") }
    var isConvolution: Bool { shape.rank == 4 && !isExcitation }
    var isDepthwise: Bool { isConvolution && shape[1] == 1 }
  }

  /// Where a layer stands.
  private enum Place: Equatable {
    case stem, head
    case block(String)
    case classifier(String)
  }

  /// Where each tensor comes from; nil where the network is none of these.
  static func sources(of expected: [WeightNames.Expected]) -> [String: WeightSource]? {
    let parts = places(layers(expected))
    guard parts.first?.place == .stem,
      parts.contains(where: { $0.layers.contains(where: \.isDepthwise) }),
      let head = parts.first(where: { $0.place == .head })
    else { return nil }
    let classifiers = parts.filter { if case .classifier = $0.place { true } else { false } }
    guard let last = classifiers.last else { return nil }
    var sources: [String: WeightSource] = [:]
    func add(_ layers: [Layer], _ names: [String], reshapes: Bool = false) {
      for (layer, name) in zip(layers, names) {
        for entry in layer.entries {
          let leaf = entry.name.dropFirst(layer.path.count)
          sources[entry.name] = WeightSource(name + leaf, reshapes ? .reshape(entry.shape) : nil)
        }
      }
    }
    var (stage, index, width) = (-1, 0, 0)
    for part in parts {
      guard case .block = part.place else { continue }
      let outputs = part.layers.last(where: \.isConvolution)?.shape[0] ?? 0
      (stage, index) = outputs == width ? (stage, index + 1) : (stage + 1, 0)
      width = outputs
      guard let names = names(of: part.layers) else { return nil }
      add(part.layers, names.map { "blocks.\(stage).\(index).\($0)" })
    }
    add(parts[0].layers, ["conv_stem", "bn1"])
    // MobileNet v3 has a hidden layer behind the pooling, a convolution in timm, and counts the last one as a block.
    let hasHidden = classifiers.count > 1
    let end = hasHidden ? "blocks.\(stage + 1).0." : ""
    add(head.layers, hasHidden ? [end + "conv", end + "bn1"] : ["conv_head", "bn2"])
    if hasHidden { add(classifiers[0].layers, ["conv_head"], reshapes: true) }
    add(last.layers, ["classifier"])
    return sources
  }

  /// timm's names of a block's layers; nil where none is depthwise.
  private static func names(of layers: [Layer]) -> [String]? {
    let convolutions = layers.filter(\.isConvolution)
    guard let depthwise = convolutions.firstIndex(where: \.isDepthwise) else { return nil }
    var (convolution, norm) = (0, 0)
    return layers.map { layer in
      if layer.isExcitation {
        return layer.path.hasSuffix("fc1") ? "se.conv_reduce" : "se.conv_expand"
      }
      guard layer.isConvolution else {
        norm += 1
        return "bn\(norm)"
      }
      defer { convolution += 1 }
      if convolution == depthwise { return "conv_dw" }
      return convolution < depthwise || depthwise == 0 ? "conv_pw" : "conv_pwl"
    }
  }

  /// Tensors by layer, in the network's order.
  private static func layers(_ expected: [WeightNames.Expected]) -> [Layer] {
    var layers: [Layer] = []
    for entry in expected {
      let path = entry.name.split(separator: ".").dropLast().joined(separator: ".")
      if layers.last?.path == path {
        layers[layers.count - 1].entries.append(entry)
      } else {
        layers.append(Layer(path: path, shape: entry.shape, entries: [entry]))
      }
    }
    return layers
  }

  private static func places(_ layers: [Layer]) -> [(place: Place, layers: [Layer])] {
    var parts: [(place: Place, layers: [Layer])] = []
    for layer in layers {
      let place = place(layer.path.split(separator: ".").map(String.init))
      if parts.last?.place == place {
        parts[parts.count - 1].layers.append(layer)
      } else {
        parts.append((place, [layer]))
      }
    }
    return parts
  }

  private static func place(_ path: [String]) -> Place {
    guard path.count > 1, let index = Int(path[1]) else { return .head }
    switch path[0] {
    case "classifier": return .classifier(path[1])
    case "layers":  // MNASNet, whose first block is not one of its stacks
      if path.count > 3 { return .block("\(index).\(path[2])") }
      return index < 2 ? .stem : index < 8 ? .block("first") : .head
    default:
      if index == 0 { return .stem }
      if path.count > 2, path[2] == "conv" || path[2] == "block" { return .block(path[1]) }
      return path.count > 3 && path[3] == "block" ? .block("\(path[1]).\(path[2])") : .head
    }
  }
}
