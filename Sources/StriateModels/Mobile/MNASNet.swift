import StriateCore
import StriateIR
import StriateNN

/// MNASNet-B1 (Tan, Chen, Pang, Vasudevan, Sandler, Howard and Le, "MnasNet: Platform-aware neural architecture search
/// for mobile", CVPR 2019, figure 7).
///
/// | layers | block | kernel | expansion | channels | blocks | first stride |
/// |---|---|---|---|---|---|---|
/// | 0 | convolution | 3 | | 32 | 1 | 2 |
/// | 3–7 | depthwise separable | 3 | | 16 | 1 | 1 |
/// | 8 | inverted residual | 3 | 3 | 24 | 3 | 2 |
/// | 9 | inverted residual | 5 | 3 | 40 | 3 | 2 |
/// | 10 | inverted residual | 5 | 6 | 80 | 3 | 2 |
/// | 11 | inverted residual | 3 | 6 | 96 | 2 | 1 |
/// | 12 | inverted residual | 5 | 6 | 192 | 4 | 2 |
/// | 13 | inverted residual | 3 | 6 | 320 | 1 | 1 |
/// | 14 | 1×1 convolution | | | 1280 | 1 | 1 |
///
/// Channels but the last are multiplied by the width and rounded to multiples of 8. Batch norms move by 3e-4 a batch.
/// No deviation but torchvision's dropout of 0.2 and first weights. Keys are torchvision's `mnasnet0_5` to `mnasnet1_3`.
/// Any input size.
public struct MNASNet: Layer {
  let layers: Sequential
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - width: what the channels are multiplied by.
  ///   - dropout: the probability that a feature before the classifier is dropped in training.
  public init(
    width: Double = 1, classes: Int = 1000, channels: Int = 3, dropout: Double = 0.2
  ) {
    func scaled(_ channels: Int) -> Int { ChannelCount.rounded(Double(channels) * width) }
    func flat(_ parts: Sequential...) -> [any Layer] { parts.flatMap(\.layers) }
    let (first, second) = (scaled(32), scaled(16))
    var stages = flat(
      convNorm(channels, first, kernel: 3, stride: 2, norm: MNASNet.norm, activation: ReLU()),
      convNorm(first, first, kernel: 3, groups: first, norm: MNASNet.norm, activation: ReLU()),
      convNorm(first, second, norm: MNASNet.norm))
    var inputs = second
    for (kernel, expansion, outputs, count, stride) in [
      (3, 3, 24, 3, 2), (5, 3, 40, 3, 2), (5, 6, 80, 3, 2), (3, 6, 96, 2, 1), (5, 6, 192, 4, 2),
      (3, 6, 320, 1, 1),
    ] {
      let (before, after) = (inputs, scaled(outputs))
      stages.append(
        Sequential(
          repeated(count) { block in
            SearchedResidual(
              in: block == 0 ? before : after, out: after, kernel: kernel,
              stride: block == 0 ? stride : 1, expansion: expansion)
          }))
      inputs = after
    }
    stages += flat(convNorm(inputs, 1280, norm: MNASNet.norm, activation: ReLU()))
    layers = Sequential(stages)
    classifier = Sequential(
      Dropout(dropout),
      Linear(
        in: 1280, out: classes, weights: .he(fan: .out, .uniform, before: .linear), biases: .zeros)
    )
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    classifier(layers(x).mean(over: [2, 3]))  // [N, 1280, 7, 7] → [N, 1280] → [N, 1000]
  }

  fileprivate static let norm = NormSettings(momentum: 3e-4)
}

/// An inverted residual whose keys count on through its convolutions and norms.
struct SearchedResidual: Layer {
  let layers: Sequential
  let hasShortcut: Bool

  init(in inputs: Int, out outputs: Int, kernel: Int, stride: Int, expansion: Int) {
    let wide = inputs * expansion
    let parts = [
      convNorm(inputs, wide, norm: MNASNet.norm, activation: ReLU()),
      convNorm(
        wide, wide, kernel: kernel, stride: stride, groups: wide, norm: MNASNet.norm,
        activation: ReLU()),
      convNorm(wide, outputs, norm: MNASNet.norm),
    ]
    layers = Sequential(parts.flatMap(\.layers))
    hasShortcut = stride == 1 && inputs == outputs
  }

  func forward(_ x: Tensor) -> Tensor { hasShortcut ? layers(x) + x : layers(x) }
}
