import StriateCore
import StriateIR
import StriateNN

/// MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov and Chen, "MobileNetV2: Inverted residuals and linear
/// bottlenecks", CVPR 2018, table 2).
///
/// | features | block | expansion | channels | blocks | first stride |
/// |---|---|---|---|---|---|
/// | 0 | 3×3 convolution | | 32 | 1 | 2 |
/// | 1 | inverted residual | 1 | 16 | 1 | 1 |
/// | 2–3 | inverted residual | 6 | 24 | 2 | 2 |
/// | 4–6 | inverted residual | 6 | 32 | 3 | 2 |
/// | 7–10 | inverted residual | 6 | 64 | 4 | 2 |
/// | 11–13 | inverted residual | 6 | 96 | 3 | 1 |
/// | 14–16 | inverted residual | 6 | 160 | 3 | 2 |
/// | 17 | inverted residual | 6 | 320 | 1 | 1 |
/// | 18 | 1×1 convolution | | 1280 | 1 | 1 |
///
/// Batch norm and ReLU6 follow each convolution but the last one of a block; then the spatial mean, dropout and the
/// classifier. No deviation but torchvision's dropout of 0.2 and first weights. Keys are torchvision's
/// `mobilenet_v2`. 3,504,872 parameters for a thousand classes. Any input size.
public struct MobileNetV2: Layer {
  let features: Sequential
  let pool = AdaptiveAvgPool2D(1)
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - width: what the channels of all layers are multiplied by, rounded to multiples of 8; the last ones do
  ///     not get fewer.
  ///   - dropout: the probability that a feature before the classifier is dropped in training.
  public init(
    classes: Int = 1000, channels: Int = 3, width: Double = 1, dropout: Double = 0.2
  ) {
    func scaled(_ channels: Int) -> Int { ChannelCount.rounded(Double(channels) * width) }
    var inputs = scaled(32)
    var layers: [any Layer] = [
      convNorm(channels, inputs, kernel: 3, stride: 2, activation: ReLU6())
    ]
    for (expansion, outputs, count, stride) in [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ] {
      for block in 0..<count {
        layers.append(
          InvertedResidual(
            in: inputs, out: scaled(outputs), stride: block == 0 ? stride : 1,
            expansion: expansion))
        inputs = scaled(outputs)
      }
    }
    let last = ChannelCount.rounded(1280 * max(1, width))
    layers.append(convNorm(inputs, last, activation: ReLU6()))
    features = Sequential(layers)
    classifier = Sequential(
      Dropout(dropout), Linear(in: last, out: classes, weights: .normal(deviation: 0.01)))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = pool(features(x))  // [N, 1280, 1, 1]
    return classifier(x.flattened(from: 1))
  }
}

/// A 1×1 convolution that widens, a depthwise 3×3 one, a 1×1 one that narrows and has no activation; the input is
/// added where shapes allow (section 3.3, figure 4b).
struct InvertedResidual: Layer {
  let conv: Sequential
  let hasShortcut: Bool

  init(in inputs: Int, out outputs: Int, stride: Int, expansion: Int) {
    let hidden = inputs * expansion
    var layers: [any Layer] = []
    if expansion != 1 { layers.append(convNorm(inputs, hidden, activation: ReLU6())) }
    layers.append(
      convNorm(
        hidden, hidden, kernel: 3, stride: stride, groups: hidden, activation: ReLU6()))
    layers += convNorm(hidden, outputs).layers
    conv = Sequential(layers)
    hasShortcut = stride == 1 && inputs == outputs
  }

  func forward(_ x: Tensor) -> Tensor { hasShortcut ? x + conv(x) : conv(x) }
}
