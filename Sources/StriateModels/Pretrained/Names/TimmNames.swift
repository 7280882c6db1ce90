import StriateCore

/// timm's names for the weights of networks that it builds in another way than torchvision.
///
/// VGG, ConvNeXt and RegNet are renamed part by part, the networks of inverted residuals by `InvertedResidualNames`.
/// ResNets, DenseNets, Inception v3 and their kin have torchvision's names there.
enum TimmNames {
  static func sources(of expected: [WeightNames.Expected]) -> [String: WeightSource]? {
    let names = Set(expected.map(\.name))
    if names.contains("classifier.6.weight"), names.contains("features.0.weight") {
      return map(expected, vgg)
    }
    if names.contains("features.0.0.weight"), names.contains("classifier.2.weight") {
      return map(expected, convNeXt)
    }
    if names.contains("stem.0.weight"), names.contains("fc.weight") { return map(expected, regNet) }
    return InvertedResidualNames.sources(of: expected)
  }

  private static func map(
    _ expected: [WeightNames.Expected], _ name: (WeightNames.Expected) -> WeightSource?
  ) -> [String: WeightSource] {
    var sources: [String: WeightSource] = [:]
    for entry in expected { sources[entry.name] = name(entry) }
    return sources
  }

  /// The hidden layers are convolutions.
  private static func vgg(_ entry: WeightNames.Expected) -> WeightSource? {
    let parts = entry.name.split(separator: ".").map(String.init)
    guard parts[0] == "classifier", parts.count == 3 else { return WeightSource(entry.name) }
    switch parts[1] {
    case "0": return WeightSource("pre_logits.fc1.\(parts[2])", .reshape(entry.shape))
    case "3": return WeightSource("pre_logits.fc2.\(parts[2])", .reshape(entry.shape))
    default: return WeightSource("head.fc.\(parts[2])")
    }
  }

  /// `features.2s + 1` is stage s, `features.2s` what stands before it.
  private static func convNeXt(_ entry: WeightNames.Expected) -> WeightSource? {
    let parts = entry.name.split(separator: ".").map(String.init)
    if parts[0] == "classifier" {
      return WeightSource("head.\(parts[1] == "0" ? "norm" : "fc").\(parts[2])")
    }
    guard parts.count > 3, let index = Int(parts[1]) else { return nil }
    if index == 0 { return WeightSource("stem.\(parts[2]).\(parts[3])") }
    if index % 2 == 0 {
      return WeightSource("stages.\(index / 2).downsample.\(parts[2]).\(parts[3])")
    }
    let block = "stages.\(index / 2).blocks.\(parts[2])"
    if parts[3] == "layer_scale" { return WeightSource("\(block).gamma", .reshape(entry.shape)) }
    let layers = ["0": "conv_dw", "2": "norm", "3": "mlp.fc1", "5": "mlp.fc2"]
    guard parts.count == 6, let layer = layers[parts[4]] else { return nil }
    return WeightSource("\(block).\(layer).\(parts[5])")
  }

  /// `trunk_output.block2.block2-3.f.a.0` is `s2.b4.conv1.conv`.
  private static func regNet(_ entry: WeightNames.Expected) -> WeightSource? {
    let parts = entry.name.split(separator: ".").map(String.init)
    func layer(_ index: String) -> String { index == "0" ? "conv" : "bn" }
    switch parts[0] {
    case "stem": return WeightSource("stem.\(layer(parts[1])).\(parts[2])")
    case "fc": return WeightSource("head.fc.\(parts[1])")
    default: break
    }
    guard parts.count >= 6, let stage = parts[1].last,
      let block = parts[2].split(separator: "-").last.flatMap({ Int($0) })
    else { return nil }
    let place = "s\(stage).b\(block + 1)"
    if parts[3] == "proj" {
      return WeightSource("\(place).downsample.\(layer(parts[4])).\(parts[5])")
    }
    if parts[4] == "se" { return WeightSource("\(place).se.\(parts[5]).\(parts[6])") }
    let numbers = ["a": "conv1", "b": "conv2", "c": "conv3"]
    guard let convolution = numbers[parts[4]], parts.count == 7 else { return nil }
    return WeightSource("\(place).\(convolution).\(layer(parts[5])).\(parts[6])")
  }
}
