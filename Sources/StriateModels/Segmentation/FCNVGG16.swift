import StriateCore
import StriateIR
import StriateNN

/// The fully convolutional networks FCN-32s, FCN-16s and FCN-8s on VGG-16 (Long, Shelhamer and Darrell, "Fully
/// convolutional networks for semantic segmentation", CVPR 2015, figure 3), as the authors' released models.
///
/// VGG-16's fully connected layers become convolutions 7×7 and 1×1, its classifier one of 21 logits, and transposed
/// convolutions that start bilinear bring the map back to the extent of the image: by 32 at once, or by 2 to join the
/// logits of the fourth pooling and then by 16, or by 2 twice, joining those of the third, and by 8. The first
/// convolution pads by 100, poolings round up, and what is too much is cropped at the authors' offsets. New classifiers
/// start at zero. Deviations: the last transposed convolution is learned too; keys of the convolutions are those of
/// torchvision's `vgg16`, `features.0.weight` to `features.28.bias`, the others' are the authors' names (`fc6`, `fc7`,
/// `score_fr`, `score_pool4`, `score_pool3`, `upscore2`, `upscore_pool4`), but for the last, `upscore`. Any input size.
public struct FCNVGG16: SegmentationNetwork {
  /// By what the last transposed convolution enlarges.
  public enum Stride: Int, Sendable, Hashable, CaseIterable {
    case thirtyTwo = 32
    case sixteen = 16
    case eight = 8
  }

  let features: Sequential
  let fc6, fc7, scoreFr: Conv2D
  let scorePool4, scorePool3: Conv2D?
  let upscore2, upscorePool4: ConvTransposed2D?
  let upscore: ConvTransposed2D
  let dropout: Dropout
  let stride: Stride

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hidden: channels of the two convolutions that were fully connected.
  ///   - dropout: the probability that one of these is dropped in training.
  public init(
    _ stride: Stride, classes: Int = 21, channels: Int = 3, hidden: Int = 4096,
    dropout: Double = 0.5
  ) {
    func score(_ inputs: Int) -> Conv2D {
      Conv2D(in: inputs, out: classes, kernel: 1, weights: .zeros)
    }
    func rise(by factor: Int) -> ConvTransposed2D {
      ConvTransposed2D(
        in: classes, out: classes, kernel: Pair(2 * factor), stride: Pair(factor), bias: false,
        weights: .bilinear)
    }
    features = VGG.features(.sixteen, channels: channels, padding: 100, roundsUp: true)
    fc6 = Conv2D(in: 512, out: hidden, kernel: 7)
    fc7 = Conv2D(in: hidden, out: hidden, kernel: 1)
    scoreFr = score(hidden)
    scorePool4 = stride == .thirtyTwo ? nil : score(512)
    upscore2 = stride == .thirtyTwo ? nil : rise(by: 2)
    scorePool3 = stride == .eight ? score(256) : nil
    upscorePool4 = stride == .eight ? rise(by: 2) : nil
    upscore = rise(by: stride.rawValue)
    self.dropout = Dropout(dropout)
    self.stride = stride
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 21, H, W]`.
  public func forward(_ image: Tensor) -> SegmentationLogits {
    var x = image
    var poolings: [Tensor] = []  // of 1/2 to 1/32 of the widened extent
    for layer in features.layers {
      x = layer(x)
      if layer is MaxPool2D { poolings.append(x) }
    }
    x = dropout(relu(fc6(x)))
    x = scoreFr(dropout(relu(fc7(x))))
    if let upscore2, let scorePool4 {
      x = upscore2(x)
      x = x + scorePool4(poolings[3]).cropped(like: x, offset: 5)
    }
    if let upscorePool4, let scorePool3 {
      x = upscorePool4(x)
      x = x + scorePool3(poolings[2]).cropped(like: x, offset: 9)
    }
    let offset = stride == .thirtyTwo ? 19 : stride == .sixteen ? 27 : 31
    return SegmentationLogits(out: upscore(x).cropped(like: image, offset: offset))
  }
}
