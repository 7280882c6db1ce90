import StriateCore
import StriateIR
import StriateNN

/// DenseNet (Huang, Liu, van der Maaten and Weinberger, "Densely connected convolutional networks", CVPR 2017, table 1).
///
/// | layer | output | 121 | 161 | 169 | 201 |
/// |---|---|---|---|---|---|
/// | growth, first channels | | 32, 64 | 48, 96 | 32, 64 | 32, 64 |
/// | conv0 7/2, max-pool 3/2 | 56×56 | | | | |
/// | denseblock1, transition | 28×28 | 6 | 6 | 6 | 6 |
/// | denseblock2, transition | 14×14 | 12 | 12 | 12 | 12 |
/// | denseblock3, transition | 7×7 | 24 | 36 | 32 | 48 |
/// | denseblock4, norm5 | 7×7 | 16 | 24 | 32 | 32 |
/// | ReLU, spatial mean, classifier | classes | | | | |
///
/// A layer is batch norm, ReLU, 1×1 convolution to four times the growth, and the same with 3×3 to the growth
/// (DenseNet-BC); transitions halve channels and extents. Keys are torchvision's `densenet121` to `densenet201`.
public struct DenseNet: Layer {
  /// How many layers with weights the network has.
  public enum Depth: Int, Sendable, Hashable, CaseIterable {
    /// Growth 32.
    case hundredTwentyOne = 121
    /// Growth 48.
    case hundredSixtyOne = 161
    /// Growth 32.
    case hundredSixtyNine = 169
    /// Growth 32.
    case twoHundredOne = 201

    /// Layers in each of the four dense blocks.
    public var layers: [Int] {
      switch self {
      case .hundredTwentyOne: [6, 12, 24, 16]
      case .hundredSixtyOne: [6, 12, 36, 24]
      case .hundredSixtyNine: [6, 12, 32, 32]
      case .twoHundredOne: [6, 12, 48, 32]
      }
    }

    /// Channels that a layer adds.
    public var growth: Int { self == .hundredSixtyOne ? 48 : 32 }
  }

  let features: NamedSequential
  let classifier: Linear

  /// A network for images of so many channels.
  public init(_ depth: Depth, classes: Int = 1000, channels: Int = 3) {
    let growth = depth.growth
    var width = 2 * growth
    var stages: [(name: String, layer: any Layer)] = [
      (
        "conv0",
        Conv2D(
          in: channels, out: width, kernel: 7, stride: 2, padding: 3, bias: false, weights: .he())
      ),
      ("norm0", BatchNorm2D(width)), ("relu0", ReLU()),
      ("pool0", MaxPool2D(3, stride: 2, padding: 1)),
    ]
    for (place, count) in depth.layers.enumerated() {
      let inputs = width
      let layers = repeated(count) { DenseLayer(in: inputs + $0 * growth, growth: growth) }
      stages.append(
        (
          "denseblock\(place + 1)",
          NamedSequential(layers.enumerated().map { ("denselayer\($0.offset + 1)", $0.element) })
        ))
      width += count * growth
      if place < 3 {
        stages.append(("transition\(place + 1)", Transition(in: width)))
        width /= 2
      }
    }
    stages.append(("norm5", BatchNorm2D(width)))
    features = NamedSequential(stages)
    classifier = Linear(
      in: width, out: classes, weights: .uniform(fan: Double(width)), biases: .zeros)
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = relu(features(x))  // [N, 1024…2208, 7, 7]
    return classifier(x.mean(over: [2, 3]))
  }
}

/// Batch norm, ReLU and convolution, twice, beside what came in (section 3).
struct DenseLayer: Layer {
  let norm1: BatchNorm2D
  let conv1: Conv2D
  let norm2: BatchNorm2D
  let conv2: Conv2D

  init(in inputs: Int, growth: Int) {
    norm1 = BatchNorm2D(inputs)
    conv1 = Conv2D(in: inputs, out: 4 * growth, kernel: 1, bias: false, weights: .he())
    norm2 = BatchNorm2D(4 * growth)
    conv2 = Conv2D(
      in: 4 * growth, out: growth, kernel: 3, padding: 1, bias: false, weights: .he())
  }

  func forward(_ x: Tensor) -> Tensor {
    let y = conv2(relu(norm2(conv1(relu(norm1(x))))))
    return concat([x, y], axis: 1) ?? x
  }
}

/// Half the channels, half the extent (section 3).
struct Transition: Layer {
  let norm: BatchNorm2D
  let conv: Conv2D
  let pool = AvgPool2D(2, stride: 2)

  init(in inputs: Int) {
    norm = BatchNorm2D(inputs)
    conv = Conv2D(in: inputs, out: inputs / 2, kernel: 1, bias: false, weights: .he())
  }

  func forward(_ x: Tensor) -> Tensor { pool(conv(relu(norm(x)))) }
}
