import StriateCore
import StriateIR
import StriateNN

/// DeepLab v3+ (Chen, Zhu, Papandreou, Schroff and Adam, "Encoder-decoder with atrous separable convolution for semantic
/// image segmentation", ECCV 2018, figure 2).
///
/// DeepLab v3 on features of a sixteenth of the extent, with dilations 6, 12 and 18, is the encoder. The decoder brings
/// its answer to a quarter, joins 48 channels made of the first stage's features, refines by two 3×3 convolutions to 256
/// channels and classifies; bilinear upsampling gives the extent. Deviation: plain 3×3 convolutions, as the paper's
/// experiments with ResNet-101, not separable ones. In training batch norm needs two images or more. Any input size.
public struct DeepLabV3Plus: SegmentationNetwork {
  let backbone: DilatedResNet
  let pyramid: AtrousPyramid
  let project, decoder: Sequential

  /// A network on a residual network of 50 layers or more, for images of so many channels.
  ///
  /// - Parameter dropout: the probability that a feature behind the pyramid is dropped in training.
  public init(
    _ depth: ResNet.Depth, classes: Int = 21, channels: Int = 3, dropout: Double = 0.5
  ) {
    let (low, high) = depth.hasBottlenecks ? (256, 2048) : (64, 512)
    backbone = DilatedResNet(depth, dilates: (false, true), channels: channels)
    pyramid = AtrousPyramid(high, rates: [6, 12, 18], dropout: dropout)
    project = Sequential(Conv2D.dense(low, 48, kernel: 1), BatchNorm2D(48), ReLU())
    decoder = Sequential(
      Conv2D.dense(256 + 48, 256, kernel: 3), BatchNorm2D(256), ReLU(),
      Conv2D.dense(256, 256, kernel: 3), BatchNorm2D(256), ReLU(),
      Conv2D.classifier(256, classes))
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 21, H, W]`.
  public func forward(_ image: Tensor) -> SegmentationLogits {
    let features = backbone(image)
    let coarse = pyramid(features.high).resampled(like: features.low)  // [N, 256, H/4, W/4]
    let joined = concat([coarse, project(features.low)], axis: 1) ?? coarse
    return SegmentationLogits(out: decoder(joined).resampled(like: image))
  }
}
