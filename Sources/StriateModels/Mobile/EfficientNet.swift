import StriateCore
import StriateIR
import StriateNN

/// EfficientNet (Tan and Le, "EfficientNet: Rethinking model scaling for convolutional neural networks", ICML 2019,
/// table 1) and EfficientNetV2 (the same, "EfficientNetV2: Smaller models and faster training", ICML 2021, table 4).
///
/// B0, whose channels and depths B1 to B7 multiply:
///
/// | features | block | kernel | expansion | channels | blocks | first stride |
/// |---|---|---|---|---|---|---|
/// | 0 | 3×3 convolution | 3 | | 32 | 1 | 2 |
/// | 1 | MBConv | 3 | 1 | 16 | 1 | 1 |
/// | 2 | MBConv | 3 | 6 | 24 | 2 | 2 |
/// | 3 | MBConv | 5 | 6 | 40 | 2 | 2 |
/// | 4 | MBConv | 3 | 6 | 80 | 3 | 2 |
/// | 5 | MBConv | 5 | 6 | 112 | 3 | 1 |
/// | 6 | MBConv | 5 | 6 | 192 | 4 | 2 |
/// | 7 | MBConv | 3 | 6 | 320 | 1 | 1 |
/// | 8 | 1×1 convolution | 1 | | 1280 | 1 | 1 |
///
/// An MBConv is an inverted residual with squeeze and excitation; V2's first stages are fused ones, whose expansion is a
/// 3×3 convolution. The mean over space, dropout and the classifier follow. Residual branches are dropped in training,
/// the later the more often, up to 0.2. Keys are torchvision's `efficientnet_b0` to `efficientnet_v2_l`. Any input size;
/// the published ones are the catalogue's.
public struct EfficientNet: Layer {
  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(1)
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - dropout: the probability that a feature before the classifier is dropped in training; the variant's by default.
  ///   - depthDropout: the probability that the last block's residual branch is dropped in training.
  public init(
    _ variant: Variant, classes: Int = 1000, channels: Int = 3, dropout: Double? = nil,
    depthDropout: Double = 0.2
  ) {
    let (stages, norm) = (variant.stages, variant.norm)
    var inputs = stages.first?.inputs ?? 0
    var layers: [any Layer] = [
      convNorm(channels, inputs, kernel: 3, stride: 2, norm: norm, activation: SiLU())
    ]
    let total = Double(stages.reduce(0) { $0 + $1.count })
    var before = 0
    for stage in stages {
      let (entering, first) = (inputs, before)
      layers.append(
        Sequential(
          repeated(stage.count) { block in
            MobileBlock(
              in: block == 0 ? entering : stage.outputs, stage,
              stride: block == 0 ? stage.stride : 1,
              norm: norm, drop: depthDropout * Double(first + block) / total)
          }))
      inputs = stage.outputs
      before += stage.count
    }
    let last = variant.isSecond ? 1280 : 4 * inputs
    layers.append(convNorm(inputs, last, norm: norm, activation: SiLU()))
    features = Sequential(layers)
    let bound = 1 / Double(max(classes, 1)).squareRoot()
    classifier = Sequential(
      Dropout(dropout ?? variant.dropout),
      Linear(in: last, out: classes, weights: .uniform(-bound, bound), biases: .zeros))
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = avgpool(features(x))  // [N, 1280…2560, 1, 1]
    return classifier(x.flattened(from: 1))
  }
}

/// An inverted residual: expand, filter each channel, squeeze and excite, narrow (MBConv); or expand by a 3×3
/// convolution and narrow (fused).
struct MobileBlock: Layer {
  let block: Sequential
  let stochasticDepth: StochasticDepth
  let hasShortcut: Bool

  init(
    in inputs: Int, _ stage: EfficientNet.Stage, stride: Int, norm: NormSettings, drop: Double
  ) {
    let wide = ChannelCount.rounded(Double(inputs * stage.expansion))
    let (kernel, outputs) = (stage.kernel, stage.outputs)
    var layers: [any Layer] = []
    if stage.isFused {
      let after = wide == inputs ? outputs : wide
      layers.append(
        convNorm(inputs, after, kernel: kernel, stride: stride, norm: norm, activation: SiLU()))
      if wide != inputs { layers.append(convNorm(wide, outputs, norm: norm)) }
    } else {
      if wide != inputs { layers.append(convNorm(inputs, wide, norm: norm, activation: SiLU())) }
      layers.append(
        convNorm(
          wide, wide, kernel: kernel, stride: stride, groups: wide, norm: norm, activation: SiLU()))
      layers.append(SqueezeExcitation(wide, squeezed: max(1, inputs / 4), activation: SiLU()))
      layers.append(convNorm(wide, outputs, norm: norm))
    }
    block = Sequential(layers)
    stochasticDepth = StochasticDepth(drop)
    hasShortcut = stride == 1 && inputs == outputs
  }

  func forward(_ x: Tensor) -> Tensor {
    hasShortcut ? stochasticDepth(block(x)) + x : block(x)
  }
}
