import StriateCore
import StriateIR
import StriateNN

/// ConvNeXt (Liu, Mao, Wu, Feichtenhofer, Darrell and Xie, "A ConvNet for the 2020s", CVPR 2022, section 3 and table 9).
///
/// | layer | output | tiny | small | base | large |
/// |---|---|---|---|---|---|
/// | features.0 4×4, stride 4, layer norm | 56×56 | 96 | 96 | 128 | 192 |
/// | features.1 | 56×56 | 3 | 3 | 3 | 3 |
/// | features.3 | 28×28 | 3 | 3 | 3 | 3 |
/// | features.5 | 14×14 | 9 | 27 | 27 | 27 |
/// | features.7 | 7×7 | 3 | 3 | 3 | 3 |
/// | spatial mean, layer norm, classifier | classes | | | | |
///
/// A block is a depthwise 7×7 convolution, layer norm over channels, four times the channels, GELU, back, a learned
/// scale of each channel that begins at 1e-6, beside a shortcut. Between stages layer norm and a 2×2 convolution with
/// stride 2 double the channels. Residual branches are dropped in training, the later the more often. No deviation but
/// torchvision's truncation of first weights at ±2. Keys are torchvision's `convnext_tiny` to `convnext_large`. Any
/// input of 32 × 32 or more.
public struct ConvNeXt: Layer {
  /// How wide and deep it is.
  public enum Size: String, Sendable, Hashable, CaseIterable {
    case tiny, small, base, large

    /// Channels of the first stage; the others double them.
    public var width: Int {
      switch self {
      case .tiny, .small: 96
      case .base: 128
      case .large: 192
      }
    }

    /// Blocks of the four stages.
    public var blocks: [Int] { [3, 3, self == .tiny ? 9 : 27, 3] }

    /// The published probability that the last block's branch is dropped.
    public var depthDropout: Double {
      switch self {
      case .tiny: 0.1
      case .small: 0.4
      case .base, .large: 0.5
      }
    }
  }

  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(1)
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameter depthDropout: the probability that the last block's branch is dropped in training; the published one
  ///   by default.
  public init(
    _ size: Size, classes: Int = 1000, channels: Int = 3, depthDropout: Double? = nil
  ) {
    var width = size.width
    var layers: [any Layer] = [
      Sequential(
        ConvNeXt.reduction(channels, width, by: 4), ChannelNorm(width))
    ]
    let last = Double(max(size.blocks.reduce(0, +) - 1, 1))
    let drop = depthDropout ?? size.depthDropout
    var before = 0
    for (place, count) in size.blocks.enumerated() {
      if place > 0 {
        layers.append(
          Sequential(ChannelNorm(width), ConvNeXt.reduction(width, 2 * width, by: 2)))
        width *= 2
      }
      let (channels, first) = (width, before)
      layers.append(
        Sequential(
          repeated(count) { ConvNeXtBlock(channels, drop: drop * Double(first + $0) / last) }))
      before += count
    }
    features = Sequential(layers)
    classifier = Sequential(
      ChannelNorm(width), Flatten(),
      Linear(in: width, out: classes, weights: ConvNeXt.start, biases: .zeros))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    classifier(avgpool(features(x)))  // [N, 768…1536, 7, 7] → [N, 1000]
  }

  /// A convolution whose windows lie side by side, so that each extent shrinks by a factor.
  static func reduction(_ inputs: Int, _ outputs: Int, by factor: Int) -> Conv2D {
    Conv2D(
      in: inputs, out: outputs, kernel: Pair(factor), stride: Pair(factor), weights: start,
      biases: .zeros)
  }

  static let start = Initializer.truncatedNormal(deviation: 0.02, low: -2, high: 2)
}

/// Layer norm over the channels of each pixel: keys `weight` and `bias` `[C]`.
///
/// `[N, C, H, W]` → the same.
struct ChannelNorm: Layer, TransparentContainer {
  let norm: LayerNorm

  init(_ channels: Int) { norm = LayerNorm(channels, epsilon: 1e-6) }

  var namedChildren: [(name: String, child: any Sendable)] { [("", norm)] }

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    return norm(x.permuted(0, 2, 3, 1)).permuted(0, 3, 1, 2)
  }
}

/// A depthwise 7×7 convolution and two fully connected layers over channels, beside a shortcut (figure 4).
struct ConvNeXtBlock: Layer {
  let block: NamedSequential
  let layerScale: Parameter
  let stochasticDepth: StochasticDepth

  init(_ channels: Int, drop: Double) {
    block = NamedSequential([
      (
        "0",
        Conv2D(
          in: channels, out: channels, kernel: 7, padding: 3, groups: channels,
          weights: ConvNeXt.start, biases: .zeros)
      ), ("1", ChannelsLast()), ("2", LayerNorm(channels, epsilon: 1e-6)),
      ("3", Linear(in: channels, out: 4 * channels, weights: ConvNeXt.start, biases: .zeros)),
      ("4", GELU()),
      ("5", Linear(in: 4 * channels, out: channels, weights: ConvNeXt.start, biases: .zeros)),
      ("6", ChannelsFirst()),
    ])
    layerScale = Parameter([channels, 1, 1], initializer: .constant(1e-6))
    stochasticDepth = StochasticDepth(drop)
  }

  func forward(_ x: Tensor) -> Tensor {
    let scaled = block(x) * x.builder.read(layerScale)
    return stochasticDepth(scaled) + x
  }
}

/// `[N, C, H, W]` → `[N, H, W, C]`.
struct ChannelsLast: Layer {
  private let id = LayerID()
  func forward(_ x: Tensor) -> Tensor { x.isPoisoned ? x : x.permuted(0, 2, 3, 1) }
}

/// `[N, H, W, C]` → `[N, C, H, W]`.
struct ChannelsFirst: Layer {
  private let id = LayerID()
  func forward(_ x: Tensor) -> Tensor { x.isPoisoned ? x : x.permuted(0, 3, 1, 2) }
}
