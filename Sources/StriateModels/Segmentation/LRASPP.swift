import StriateCore
import StriateIR
import StriateNN

/// Lite reduced atrous spatial pyramid pooling on the large MobileNetV3 (Howard et al., "Searching for MobileNetV3",
/// ICCV 2019, section 6.4 and figure 10), as torchvision's `lraspp_mobilenet_v3_large`.
///
/// Coarse features are narrowed and scaled by what the whole image says, brought to the extent of fine ones, and both
/// are classified. Deviation, torchvision's: the mean is over the whole image where the paper pools 49×49. Any input
/// size. 3,221,538 parameters with 21 classes.
public struct LRASPP: SegmentationNetwork {
  let backbone: MobileNetV3Features
  let classifier: LRASPPHead

  /// A network for images of so many channels.
  public init(classes: Int = 21, channels: Int = 3) {
    backbone = MobileNetV3Features(channels: channels)
    classifier = LRASPPHead(
      low: MobileNetV3Features.lowChannels, high: MobileNetV3Features.highChannels,
      classes: classes)
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 21, H, W]`.
  public func forward(_ x: Tensor) -> SegmentationLogits {
    SegmentationLogits(out: classifier(backbone(x)).resampled(like: x))
  }
}

/// Keys `cbr`, `scale`, `low_classifier` and `high_classifier`.
struct LRASPPHead: Model {
  let cbr, scale: Sequential
  let lowClassifier, highClassifier: Conv2D

  init(low: Int, high: Int, classes: Int, width: Int = 128) {
    cbr = Sequential(Conv2D.dense(high, width, kernel: 1), BatchNorm2D(width), ReLU())
    scale = Sequential(AdaptiveAvgPool2D(1), Conv2D.dense(high, width, kernel: 1), Sigmoid())
    lowClassifier = .classifier(low, classes)
    highClassifier = .classifier(width, classes)
  }

  /// Maps features to logits of the extents of the fine ones.
  func forward(_ features: Features) -> Tensor {
    let x = cbr(features.high) * scale(features.high)
    return lowClassifier(features.low) + highClassifier(x.resampled(like: features.low))
  }
}
