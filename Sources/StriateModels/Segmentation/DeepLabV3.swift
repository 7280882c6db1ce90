import StriateCore
import StriateIR
import StriateNN

/// DeepLab v3 (Chen, Papandreou, Schroff and Adam, "Rethinking atrous convolution for semantic image segmentation",
/// 2017), as torchvision's.
///
/// Features of a dilated network pass through atrous spatial pyramid pooling: a 1×1 convolution, three 3×3 ones of
/// growing dilation and the mean of the whole image, joined; then a 3×3 convolution, a 1×1 classifier and bilinear
/// upsampling. With a ResNet features have an eighth of the extent, with MobileNetV3 a sixteenth. Deviations,
/// torchvision's: dilations 12, 24 and 36 for both; a 3×3 convolution behind the pyramid; an auxiliary head for training.
/// In training batch norm needs two images or more. Keys are those of `deeplabv3_resnet50`, `deeplabv3_resnet101` and
/// `deeplabv3_mobilenet_v3_large`. Any input size. 42,004,074 parameters with ResNet-50, 21 classes and the head.
public struct DeepLabV3: SegmentationNetwork {
  /// The network that makes the features.
  public enum Backbone: Sendable, Hashable {
    /// A residual network of so many layers.
    case resNet(ResNet.Depth)
    /// The large MobileNetV3.
    case mobileNetV3
  }

  let backbone: any FeatureNetwork
  let classifier: DeepLabHead
  let auxClassifier: FCNHead?

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hasHead: whether there is an auxiliary head.
  ///   - dropout: the probabilities that a feature behind the pyramid, and one of the head, is dropped in training.
  public init(
    _ backbone: Backbone, hasHead: Bool = true, classes: Int = 21, channels: Int = 3,
    dropout: (pyramid: Double, head: Double) = (0.5, 0.1)
  ) {
    let (high, middle): (Int, Int)
    switch backbone {
    case .resNet(let depth):
      (high, middle) = depth.hasBottlenecks ? (2048, 1024) : (512, 256)
      self.backbone = DilatedResNet(depth, dilates: (true, true), channels: channels)
    case .mobileNetV3:
      (high, middle) = (MobileNetV3Features.highChannels, MobileNetV3Features.lowChannels)
      self.backbone = MobileNetV3Features(channels: channels)
    }
    classifier = DeepLabHead(high, classes: classes, dropout: dropout.pyramid)
    auxClassifier = hasHead ? FCNHead(middle, classes: classes, dropout: dropout.head) : nil
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 21, H, W]`.
  public func forward(_ x: Tensor) -> SegmentationLogits {
    let features = backbone(x)
    return SegmentationLogits(
      out: classifier(features.high).resampled(like: x),
      aux: auxClassifier.map { $0(features.middle).resampled(like: x) })
  }
}

/// The pyramid, a 3×3 convolution and a classifier a place: keys `0`, `1`, `2` and `4`.
struct DeepLabHead: Layer, TransparentContainer {
  private let layers: Sequential

  init(_ inputs: Int, classes: Int, dropout: Double) {
    layers = Sequential(
      AtrousPyramid(inputs, rates: [12, 24, 36], dropout: dropout),
      Conv2D.dense(256, 256, kernel: 3), BatchNorm2D(256), ReLU(), Conv2D.classifier(256, classes))
  }

  var namedChildren: [(name: String, child: any Sendable)] { layers.namedChildren }

  /// Maps features `[N, C, H', W']` to logits `[N, classes, H', W']`.
  func forward(_ x: Tensor) -> Tensor { layers.layers.reduce(x) { x, layer in layer(x) } }
}

/// Atrous spatial pyramid pooling: the image seen at several scales at once (section 3.3).
///
/// `[N, C, H', W']` → `[N, 256, H', W']`. Keys `convs.0` to `convs.4` and `project`.
struct AtrousPyramid: Layer {
  let convs: [any Layer]
  let project: Sequential

  init(_ inputs: Int, rates: [Int], outputs: Int = 256, dropout: Double) {
    let single = Sequential(
      Conv2D.dense(inputs, outputs, kernel: 1), BatchNorm2D(outputs), ReLU())
    let dilated = rates.map { rate in
      Sequential(
        Conv2D.dense(inputs, outputs, kernel: 3, dilation: rate), BatchNorm2D(outputs), ReLU())
    }
    convs = [single] + dilated + [ImagePooling(inputs, outputs)]
    project = Sequential(
      Conv2D.dense((rates.count + 2) * outputs, outputs, kernel: 1), BatchNorm2D(outputs), ReLU(),
      Dropout(dropout))
  }

  func forward(_ x: Tensor) -> Tensor {
    concat(convs.map { $0(x) }, axis: 1).map { project($0) } ?? x
  }
}

/// The mean of the whole image at every place: keys `1` and `2`, as torchvision's.
struct ImagePooling: Layer, TransparentContainer {
  private let layers: Sequential

  init(_ inputs: Int, _ outputs: Int) {
    layers = Sequential(
      AdaptiveAvgPool2D(1), Conv2D.dense(inputs, outputs, kernel: 1), BatchNorm2D(outputs), ReLU())
  }

  var namedChildren: [(name: String, child: any Sendable)] { layers.namedChildren }

  func forward(_ x: Tensor) -> Tensor {
    layers.layers.reduce(x) { x, layer in layer(x) }.resampled(like: x)
  }
}
