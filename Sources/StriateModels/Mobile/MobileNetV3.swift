import StriateCore
import StriateIR
import StriateNN

/// MobileNetV3 (Howard et al., "Searching for MobileNetV3", ICCV 2019, tables 1 and 2).
///
/// A 3×3 convolution with stride 2 to 16 channels; inverted residuals; a 1×1 convolution to six times the last block's
/// channels, the spatial mean, a hidden layer with hard swish, dropout, the classifier. Blocks of the large network
/// (kernel, expanded, out, squeeze-and-excitation, activation, stride):
///
/// | features | kernel | expanded | out | SE | activation | stride |
/// |---|---|---|---|---|---|---|
/// | 1 | 3 | 16 | 16 | | ReLU | 1 |
/// | 2, 3 | 3 | 64, 72 | 24 | | ReLU | 2, 1 |
/// | 4, 5, 6 | 5 | 72, 120, 120 | 40 | yes | ReLU | 2, 1, 1 |
/// | 7, 8, 9, 10 | 3 | 240, 200, 184, 184 | 80 | | hard swish | 2, 1, 1, 1 |
/// | 11, 12 | 3 | 480, 672 | 112 | yes | hard swish | 1 |
/// | 13, 14, 15 | 5 | 672, 960, 960 | 160 | yes | hard swish | 2, 1, 1 |
///
/// Batch norm has epsilon 1e-3 and momentum 0.01. Deviations, torchvision's: dropout 0.2 and first weights. Keys are
/// torchvision's `mobilenet_v3_large` and `mobilenet_v3_small`. Any input size.
public struct MobileNetV3: Layer {
  /// The two networks of the paper.
  public enum Size: String, Sendable, Hashable, CaseIterable { case large, small }

  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(1)
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameter dropout: the probability that a hidden feature before the classifier is dropped in training.
  public init(_ size: Size, classes: Int = 1000, channels: Int = 3, dropout: Double = 0.2) {
    features = Self.features(size, channels: channels)
    let start = Initializer.normal(deviation: 0.01)
    let hidden = size == .large ? 1280 : 1024
    classifier = Sequential(
      Linear(in: 6 * size.outputs, out: hidden, weights: start), HardSwish(), Dropout(dropout),
      Linear(in: hidden, out: classes, weights: start))
  }

  /// The layers before the classifier.
  ///
  /// - Parameter dilatesLastStage: whether the last three blocks dilate, where the first of them would stride.
  static func features(_ size: Size, channels: Int, dilatesLastStage: Bool = false) -> Sequential {
    var inputs = 16
    var layers: [any Layer] = [
      convNorm(
        channels, inputs, kernel: 3, stride: 2, norm: MobileNetV3.norm, activation: HardSwish())
    ]
    let blocks = size.blocks
    for (place, block) in blocks.enumerated() {
      let dilates = dilatesLastStage && place >= blocks.count - 3
      layers.append(SqueezedResidual(in: inputs, block, dilation: dilates ? 2 : 1))
      inputs = block.outputs
    }
    layers.append(convNorm(inputs, 6 * inputs, norm: MobileNetV3.norm, activation: HardSwish()))
    return Sequential(layers)
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = avgpool(features(x))  // [N, 960, 1, 1]; 576 for the small one
    return classifier(x.flattened(from: 1))
  }

  fileprivate static let norm = NormSettings(epsilon: 1e-3, momentum: 0.01)
}

extension MobileNetV3.Size {
  /// One line of the paper's tables.
  struct Block: Sendable {
    let kernel, expanded, outputs: Int
    let isSqueezed, isHardSwish: Bool
    let stride: Int

    init(_ kernel: Int, _ expanded: Int, _ outputs: Int, _ se: Bool, _ hs: Bool, _ stride: Int) {
      (self.kernel, self.expanded, self.outputs) = (kernel, expanded, outputs)
      (isSqueezed, isHardSwish, self.stride) = (se, hs, stride)
    }
  }

  /// Channels of the last block.
  var outputs: Int { self == .large ? 160 : 96 }

  var blocks: [Block] {
    switch self {
    case .large:
      [
        Block(3, 16, 16, false, false, 1), Block(3, 64, 24, false, false, 2),
        Block(3, 72, 24, false, false, 1), Block(5, 72, 40, true, false, 2),
        Block(5, 120, 40, true, false, 1), Block(5, 120, 40, true, false, 1),
        Block(3, 240, 80, false, true, 2), Block(3, 200, 80, false, true, 1),
        Block(3, 184, 80, false, true, 1), Block(3, 184, 80, false, true, 1),
        Block(3, 480, 112, true, true, 1), Block(3, 672, 112, true, true, 1),
        Block(5, 672, 160, true, true, 2), Block(5, 960, 160, true, true, 1),
        Block(5, 960, 160, true, true, 1),
      ]
    case .small:
      [
        Block(3, 16, 16, true, false, 2), Block(3, 72, 24, false, false, 2),
        Block(3, 88, 24, false, false, 1), Block(5, 96, 40, true, true, 2),
        Block(5, 240, 40, true, true, 1), Block(5, 240, 40, true, true, 1),
        Block(5, 120, 48, true, true, 1), Block(5, 144, 48, true, true, 1),
        Block(5, 288, 96, true, true, 2), Block(5, 576, 96, true, true, 1),
        Block(5, 576, 96, true, true, 1),
      ]
    }
  }
}

/// An inverted residual with squeeze and excitation before it narrows (figure 4).
struct SqueezedResidual: Layer {
  let block: Sequential
  let hasShortcut: Bool

  /// - Parameter dilation: of the depthwise convolution, which then does not stride.
  init(in inputs: Int, _ table: MobileNetV3.Size.Block, dilation: Int = 1) {
    func activation() -> any Layer { table.isHardSwish ? HardSwish() : ReLU() }
    let wide = table.expanded
    var layers: [any Layer] = []
    if wide != inputs {
      layers.append(convNorm(inputs, wide, norm: MobileNetV3.norm, activation: activation()))
    }
    layers.append(
      convNorm(
        wide, wide, kernel: table.kernel, stride: dilation > 1 ? 1 : table.stride,
        dilation: dilation, groups: wide, norm: MobileNetV3.norm, activation: activation()))
    if table.isSqueezed {
      let squeezed = ChannelCount.rounded(Double(wide / 4))
      layers.append(SqueezeExcitation(wide, squeezed: squeezed, gate: HardSigmoid()))
    }
    layers.append(convNorm(wide, table.outputs, norm: MobileNetV3.norm))
    block = Sequential(layers)
    hasShortcut = table.stride == 1 && inputs == table.outputs
  }

  func forward(_ x: Tensor) -> Tensor { hasShortcut ? x + block(x) : block(x) }
}
