import StriateCore
import StriateIR
import StriateNN

/// The dilated front end on VGG-16, with or without the context module (Yu and Koltun, "Multi-scale context aggregation
/// by dilated convolutions", ICLR 2016, sections 3 and 4).
///
/// VGG-16 without its last two poolings; the convolutions behind them dilate by 2 and, the one that was fully connected,
/// by 4, so that logits have an eighth of the extent. Deviations: convolutions pad with zeros where the paper mirrors
/// the image's border; the logits are resampled bilinearly to the image's extent. Keys of the convolutions are those of
/// torchvision's `vgg16`, then `fc6`, `fc7`, `final` and `context.convs.0` to `context.convs.7`. Any input size.
public struct DilatedVGG16: SegmentationNetwork {
  let features: Sequential
  let fc6, fc7, final: Conv2D
  let context: ContextModule?
  let dropout: Dropout

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hasContext: whether the context module follows the front end.
  ///   - hidden: channels of the two convolutions that were fully connected.
  ///   - dropout: the probability that one of these is dropped in training.
  public init(
    hasContext: Bool = true, classes: Int = 21, channels: Int = 3, hidden: Int = 4096,
    dropout: Double = 0.5
  ) {
    features = VGG.features(.sixteen, channels: channels, dilatesLastGroup: true)
    fc6 = Conv2D(in: 512, out: hidden, kernel: 7, padding: 12, dilation: 4)
    fc7 = Conv2D(in: hidden, out: hidden, kernel: 1)
    final = Conv2D(in: hidden, out: classes, kernel: 1)
    context = hasContext ? ContextModule(classes) : nil
    self.dropout = Dropout(dropout)
  }

  /// Maps images `[N, 3, H, W]` to logits `[N, 21, H, W]`.
  public func forward(_ image: Tensor) -> SegmentationLogits {
    var x = features(image)  // [N, 512, H/8, W/8]
    x = dropout(relu(fc6(x)))
    x = final(dropout(relu(fc7(x))))
    return SegmentationLogits(out: (context?(x) ?? x).resampled(like: image))
  }
}

/// Convolutions of growing dilation that see ever more at one resolution: the basic form of table 1.
///
/// | layer | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
/// |---|---|---|---|---|---|---|---|---|
/// | kernel | 3 | 3 | 3 | 3 | 3 | 3 | 3 | 1 |
/// | dilation | 1 | 1 | 2 | 4 | 8 | 16 | 1 | 1 |
/// | receptive field | 3 | 5 | 9 | 17 | 33 | 65 | 67 | 67 |
///
/// ReLU stands behind all but the last. Every layer starts as the identity (equation 4). `[N, C, H, W]` → the same.
public struct ContextModule: Layer {
  /// The dilations of the 3×3 convolutions.
  public static let dilations = [1, 1, 2, 4, 8, 16, 1]

  let convs: [Conv2D]

  /// A module on maps of so many channels, of all its layers or of the first ones.
  public init(_ channels: Int, layers: Int = 8) {
    let plan = Self.dilations.map { (3, $0) } + [(1, 1)]
    convs = plan.prefix(max(layers, 0)).map { kernel, dilation in
      Conv2D(
        in: channels, out: channels, kernel: Pair(kernel), padding: Pair(kernel / 2 * dilation),
        dilation: Pair(dilation), weights: .identity(over: .zeros))
    }
  }

  public func forward(_ x: Tensor) -> Tensor {
    convs.enumerated().reduce(x) { x, entry in
      let y = entry.element(x)
      return entry.offset < Self.dilations.count ? relu(y) : y
    }
  }
}
