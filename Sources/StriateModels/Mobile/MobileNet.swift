import StriateCore
import StriateIR
import StriateNN

/// MobileNet (Howard et al., "MobileNets: Efficient convolutional neural networks for mobile vision applications",
/// arXiv:1704.04861, 2017, table 1).
///
/// | features | layer | channels | stride |
/// |---|---|---|---|
/// | 0 | 3×3 convolution | 32 | 2 |
/// | 1 | separable convolution | 64 | 1 |
/// | 2, 3 | separable convolution | 128 | 2, 1 |
/// | 4, 5 | separable convolution | 256 | 2, 1 |
/// | 6 to 11 | separable convolution | 512 | 2, then 1 |
/// | 12, 13 | separable convolution | 1024 | 2, 1 |
///
/// A separable convolution is a depthwise 3×3 one and a 1×1 one, each with batch norm and ReLU: of a full one's products
/// it takes `1/channels + 1/9` (section 3.1). The mean over space and the classifier follow. 4,231,976 parameters for a
/// thousand classes. Any input size.
public struct MobileNet: Layer {
  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(1)
  let classifier: Linear

  /// A network for images of so many channels.
  ///
  /// - Parameter width: what the channels of all layers are multiplied by: the paper's α.
  public init(width: Double = 1, classes: Int = 1000, channels: Int = 3) {
    func scaled(_ channels: Int) -> Int { ChannelCount.rounded(Double(channels) * width) }
    var inputs = scaled(32)
    var layers: [any Layer] = [
      convNorm(channels, inputs, kernel: 3, stride: 2, activation: ReLU())
    ]
    for (outputs, stride) in [
      (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
      (512, 1), (512, 1), (1024, 2), (1024, 1),
    ] {
      layers.append(
        Sequential(
          convNorm(inputs, inputs, kernel: 3, stride: stride, groups: inputs, activation: ReLU()),
          convNorm(inputs, scaled(outputs), activation: ReLU())))
      inputs = scaled(outputs)
    }
    features = Sequential(layers)
    classifier = Linear(in: inputs, out: classes, weights: .normal(deviation: 0.01))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = avgpool(features(x))  // [N, 1024, 1, 1]
    return classifier(x.flattened(from: 1))
  }
}
