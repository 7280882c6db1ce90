import StriateCore
import StriateIR
import StriateNN

/// MobileNet at the size of small pictures; see `Miniature` for the rule.
///
/// | features | layer | channels | stride | of 28×28 |
/// |---|---|---|---|---|
/// | 0 | 3×3 convolution | 8 | 1 | 28×28 |
/// | 1 | separable convolution | 16 | 1 | 28×28 |
/// | 2, 3 | separable convolution | 32 | 1 | 28×28 |
/// | 4, 5 | separable convolution | 64 | 2, 1 | 14×14 |
/// | 6 to 11 | separable convolution | 128 | 2, then 1 | 7×7 |
/// | 12, 13 | separable convolution | 256 | 2, 1 | 4×4 |
/// | spatial mean, classifier | | classes | | |
///
/// Howard et al., 2017. Every block stays: they are the network's depth.
public struct MobileNetMini: Layer {
  let features: Sequential
  let avgpool = GlobalAveragePool()
  let classifier: Linear

  /// A network for pictures of so many channels.
  public init(classes: Int = 10, channels: Int = 1) {
    var inputs = 8
    var layers: [any Layer] = [convNorm(channels, inputs, kernel: 3, activation: ReLU())]
    for (outputs, stride) in [
      (16, 1), (32, 1), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (128, 1),
      (128, 1), (128, 1), (256, 2), (256, 1),
    ] {
      layers.append(
        Sequential(
          convNorm(inputs, inputs, kernel: 3, stride: stride, groups: inputs, activation: ReLU()),
          convNorm(inputs, outputs, activation: ReLU())))
      inputs = outputs
    }
    features = Sequential(layers)
    classifier = Linear(in: inputs, out: classes, weights: .glorot(), biases: .zeros)
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor { classifier(avgpool(features(x))) }
}
