import StriateCore
import StriateIR
import StriateNN

/// A fully convolutional network on a dilated ResNet: torchvision's `fcn_resnet50` and `fcn_resnet101`.
///
/// Features of an eighth of the extent, a 3×3 convolution to a quarter of their channels, dropout, a 1×1 classifier,
/// bilinear upsampling. The auxiliary head, the same on the third stage, is for training. Long, Shelhamer and Darrell,
/// "Fully convolutional networks for semantic segmentation", CVPR 2015, is `FCNVGG16`; this follows it in the idea
/// alone. Any input size. 32,957,013 parameters with 50 layers and 21 classes, 35,322,218 with the auxiliary head.
public struct FCN: SegmentationNetwork {
  let backbone: DilatedResNet
  let classifier: FCNHead
  let auxClassifier: FCNHead?

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hasHead: whether there is an auxiliary head.
  ///   - dropout: the probability that a feature before a classifier is dropped in training.
  public init(
    _ depth: ResNet.Depth, hasHead: Bool = true, classes: Int = 21, channels: Int = 3,
    dropout: Double = 0.1
  ) {
    let width = depth.hasBottlenecks ? 2048 : 512
    backbone = DilatedResNet(depth, dilates: (true, true), channels: channels)
    classifier = FCNHead(width, classes: classes, dropout: dropout)
    auxClassifier = hasHead ? FCNHead(width / 2, classes: classes, dropout: dropout) : nil
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 21, H, W]`.
  public func forward(_ x: Tensor) -> SegmentationLogits {
    let features = backbone(x)
    return SegmentationLogits(
      out: classifier(features.high).resampled(like: x),
      aux: auxClassifier.map { $0(features.middle).resampled(like: x) })
  }
}

/// A 3×3 convolution to a quarter of the channels, dropout and a classifier a place: keys `0`, `1` and `4`.
struct FCNHead: Layer, TransparentContainer {
  private let layers: Sequential

  init(_ inputs: Int, classes: Int, dropout: Double) {
    let hidden = inputs / 4
    layers = Sequential(
      Conv2D.dense(inputs, hidden, kernel: 3), BatchNorm2D(hidden), ReLU(), Dropout(dropout),
      Conv2D.classifier(hidden, classes))
  }

  var namedChildren: [(name: String, child: any Sendable)] { layers.namedChildren }

  /// Maps features `[N, C, H', W']` to logits `[N, classes, H', W']`.
  func forward(_ x: Tensor) -> Tensor { layers.layers.reduce(x) { x, layer in layer(x) } }
}

extension Conv2D {
  /// A convolution of a head without bias that keeps the extent; it starts as PyTorch's own layers do.
  static func dense(
    _ inputs: Int, _ outputs: Int, kernel: Int, dilation: Int = 1
  ) -> Conv2D {
    Conv2D(
      in: inputs, out: outputs, kernel: Pair(kernel), padding: Pair(kernel / 2 * dilation),
      dilation: Pair(dilation), bias: false,
      weights: .uniform(fan: Double(inputs * kernel * kernel)))
  }

  /// The logits of each place: a 1×1 convolution that starts as PyTorch's own layers do.
  static func classifier(_ inputs: Int, _ classes: Int) -> Conv2D {
    let start = Initializer.uniform(fan: Double(inputs))
    return Conv2D(in: inputs, out: classes, kernel: 1, weights: start, biases: start)
  }
}
