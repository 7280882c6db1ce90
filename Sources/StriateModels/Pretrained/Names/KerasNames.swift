import StriateCore

/// Keras Applications' names for the weights of VGG, of ResNets that stride first and of DenseNets.
///
/// Kernels are `[H, W, I, O]` there and `[I, O]`; a norm has `gamma`, `beta`, `moving_mean` and `moving_variance`.
/// Convolutions before the norms of ResNets have biases, which are taken from the norms' means. Norms add 1.001·10⁻⁵
/// there instead of 10⁻⁵.
enum KerasNames {
  static func sources(of expected: [WeightNames.Expected]) -> [String: WeightSource]? {
    let names = Set(expected.map(\.name))
    let layer: (String) -> (name: String, bias: String?)? =
      if names.contains("classifier.6.weight"), names.contains("features.0.weight") {
        vgg(expected)
      } else if names.contains("layer1.0.conv1.weight"), names.contains("fc.weight") {
        resNet
      } else if names.contains("features.denseblock1.denselayer1.norm1.weight") {
        denseNet
      } else {
        { _ in nil }
      }
    var sources: [String: WeightSource] = [:]
    for (name, shape) in expected {
      let parts = name.split(separator: ".")
      guard let leaf = parts.last, let layer = layer(parts.dropLast().joined(separator: "."))
      else { continue }
      let isNorm = names.contains(parts.dropLast().joined(separator: ".") + ".running_mean")
      sources[name] = source(layer.name, layer.bias, String(leaf), shape, isNorm: isNorm)
    }
    return sources.isEmpty ? nil : sources
  }

  private static func source(
    _ layer: String, _ bias: String?, _ leaf: String, _ shape: Shape, isNorm: Bool
  ) -> WeightSource? {
    switch (leaf, isNorm) {
    case ("weight", true): return WeightSource("\(layer)/gamma")
    case ("bias", true): return WeightSource("\(layer)/beta")
    case ("running_mean", _):
      return WeightSource("\(layer)/moving_mean", bias.map { .subtract("\($0)/bias") })
    case ("running_var", _): return WeightSource("\(layer)/moving_variance")
    case ("bias", false): return WeightSource("\(layer)/bias")
    case ("weight", false): break
    default: return nil
    }
    let dims = shape.dims
    if dims.count == 4 {
      let from = Shape([dims[2], dims[3], dims[1], dims[0]])
      return WeightSource("\(layer)/kernel", .transpose([3, 2, 0, 1], from: from, to: shape))
    }
    guard dims.count == 2 else { return nil }
    // VGG's first hidden layer reads 7×7 places of 512 channels, the channels of a place next to each other.
    if layer == "fc1", dims[1] % 49 == 0 {
      let from = Shape([7, 7, dims[1] / 49, dims[0]])
      return WeightSource("\(layer)/kernel", .transpose([3, 2, 0, 1], from: from, to: shape))
    }
    return WeightSource(
      "\(layer)/kernel", .transpose([1, 0], from: Shape([dims[1], dims[0]]), to: shape))
  }

  /// `features.N` is the convolution `blockB_convC`.
  private static func vgg(
    _ expected: [WeightNames.Expected]
  ) -> (String) -> (name: String, bias: String?)? {
    var names: [String: String] = [
      "classifier.0": "fc1", "classifier.3": "fc2", "classifier.6": "predictions",
    ]
    // A gap of more than a rectifier between two convolutions is a pooling.
    var (block, place, last) = (1, 0, -2)
    for (name, shape) in expected where shape.rank == 4 {
      let parts = name.split(separator: ".")
      guard let index = Int(parts[1]) else { continue }
      (block, place) = index - last > 2 ? (block + 1, 1) : (block, place + 1)
      last = index
      names["features.\(index)"] = "block\(block)_conv\(place)"
    }
    return { layer in names[layer].map { ($0, nil) } }
  }

  /// `layer2.0.conv1` is `conv3_block1_1_conv`, a shortcut's `conv3_block1_0_conv`.
  private static func resNet(_ layer: String) -> (name: String, bias: String?)? {
    switch layer {
    case "conv1": return ("conv1_conv", nil)
    case "bn1": return ("conv1_bn", "conv1_conv")
    case "fc": return ("predictions", nil)
    default: break
    }
    let parts = layer.split(separator: ".").map(String.init)
    guard parts.count >= 3, parts[0].hasPrefix("layer"), let stage = Int(parts[0].dropFirst(5)),
      let block = Int(parts[1])
    else { return nil }
    let place = "conv\(stage + 1)_block\(block + 1)_"
    if parts[2] == "downsample" {
      return parts[3] == "0" ? ("\(place)0_conv", nil) : ("\(place)0_bn", "\(place)0_conv")
    }
    guard let number = parts[2].last else { return nil }
    return parts[2].hasPrefix("conv")
      ? ("\(place)\(number)_conv", nil) : ("\(place)\(number)_bn", "\(place)\(number)_conv")
  }

  /// `features.denseblock2.denselayer3.norm1` is `conv3_block3_0_bn`, its convolutions `_1_conv` and `_2_conv`.
  private static func denseNet(_ layer: String) -> (name: String, bias: String?)? {
    let parts = layer.split(separator: ".").map(String.init)
    if parts == ["classifier"] { return ("predictions", nil) }
    guard parts.count > 1, let number = parts[1].last.flatMap({ Int(String($0)) }) else {
      return nil
    }
    if parts.count == 2 {
      let names = ["conv0": "conv1_conv", "norm0": "conv1_bn", "norm5": "bn"]
      return names[parts[1]].map { ($0, nil) }
    }
    if parts[1].hasPrefix("transition") {
      return ("pool\(number + 1)_\(parts[2] == "norm" ? "bn" : "conv")", nil)
    }
    guard parts.count == 4, let place = Int(parts[2].dropFirst("denselayer".count)) else {
      return nil
    }
    let names = ["norm1": "0_bn", "conv1": "1_conv", "norm2": "1_bn", "conv2": "2_conv"]
    return names[parts[3]].map { ("conv\(number + 1)_block\(place)_\($0)", nil) }
  }
}
