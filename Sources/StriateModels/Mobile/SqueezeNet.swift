import StriateCore
import StriateIR
import StriateNN

/// SqueezeNet (Iandola, Han, Moskewicz, Ashraf, Dally and Keutzer, "SqueezeNet: AlexNet-level accuracy with 50x fewer
/// parameters and <0.5MB model size", arXiv:1602.07360, 2016, table 1).
///
/// | layer | 1.0 | 1.1 |
/// |---|---|---|
/// | conv1 | 96 of 7/2 | 64 of 3/2 |
/// | max-pool 3/2 behind | conv1, fire4, fire8 | conv1, fire3, fire5 |
/// | fire2–3, squeeze 16 | 64 + 64 | 64 + 64 |
/// | fire4–5, squeeze 32 | 128 + 128 | 128 + 128 |
/// | fire6–7, squeeze 48 | 192 + 192 | 192 + 192 |
/// | fire8–9, squeeze 64 | 256 + 256 | 256 + 256 |
/// | dropout 0.5, conv10 1×1, ReLU, spatial mean | classes | classes |
///
/// 1.1 is the authors' later version: 2.4 times fewer products for the same accuracy. Deviations, torchvision's: none
/// of the paper's bypasses; poolings in ceil mode. Keys are torchvision's `squeezenet1_0` and `squeezenet1_1`.
public struct SqueezeNet: Layer {
  /// The paper's network, or the authors' later one.
  public enum Version: String, Sendable, Hashable, CaseIterable {
    /// As in the paper.
    case original = "1_0"
    /// Smaller filters and earlier pooling.
    case later = "1_1"
  }

  let features: Sequential
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameter dropout: the probability that a feature before the classifier is dropped in training.
  public init(_ version: Version, classes: Int = 1000, channels: Int = 3, dropout: Double = 0.5) {
    let (first, kernel) = version == .original ? (96, 7) : (64, 3)
    func pool() -> MaxPool2D { MaxPool2D(3, stride: 2, ceil: true) }
    let head: [any Layer] = [
      Conv2D(
        in: channels, out: first, kernel: Pair(kernel), stride: 2, weights: .he(.uniform),
        biases: .zeros),
      ReLU(), pool(),
    ]
    let body: [any Layer] =
      switch version {
      case .original:
        [
          Fire(96, 16, 64), Fire(128, 16, 64), Fire(128, 32, 128), pool(), Fire(256, 32, 128),
          Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), pool(), Fire(512, 64, 256),
        ]
      case .later:
        [
          Fire(64, 16, 64), Fire(128, 16, 64), pool(), Fire(128, 32, 128), Fire(256, 32, 128),
          pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
        ]
      }
    features = Sequential(head + body)
    classifier = Sequential(
      Dropout(dropout),
      Conv2D(in: 512, out: classes, kernel: 1, weights: .normal(deviation: 0.01), biases: .zeros),
      ReLU(), AdaptiveAvgPool2D(1))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    classifier(features(x)).flattened(from: 1)  // [N, 512, 13, 13] → [N, 1000]
  }
}

/// A 1×1 convolution that squeezes, and 1×1 and 3×3 ones side by side that expand (section 3.2, figure 1).
struct Fire: Layer {
  let squeeze, expand1x1, expand3x3: Conv2D

  init(_ inputs: Int, _ squeezed: Int, _ expanded: Int) {
    func conv(_ inputs: Int, _ outputs: Int, _ kernel: Int) -> Conv2D {
      Conv2D(
        in: inputs, out: outputs, kernel: Pair(kernel), padding: Pair(kernel / 2),
        weights: .he(.uniform), biases: .zeros)
    }
    squeeze = conv(inputs, squeezed, 1)
    expand1x1 = conv(squeezed, expanded, 1)
    expand3x3 = conv(squeezed, expanded, 3)
  }

  func forward(_ x: Tensor) -> Tensor {
    let x = relu(squeeze(x))
    return concat([relu(expand1x1(x)), relu(expand3x3(x))], axis: 1) ?? x
  }
}
