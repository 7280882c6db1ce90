import StriateCore
import StriateIR
import StriateNN

/// U-Net (Ronneberger, Fischer and Brox, "U-Net: Convolutional networks for biomedical image segmentation", MICCAI
/// 2015, figure 1), and a small one for colour images of any extent.
///
/// | level | channels | extent | published |
/// |---|---|---|---|
/// | encoder 0, pool | 64 | 1 | 568×568 |
/// | encoder 1, pool | 128 | 1/2 | 280×280 |
/// | encoder 2, pool | 256 | 1/4 | 136×136 |
/// | encoder 3, dropout, pool | 512 | 1/8 | 64×64 |
/// | encoder 4, dropout | 1024 | 1/16 | 28×28 |
/// | up, decoder 0 to 3 | 512, 256, 128, 64 | 1/8 to 1 | 52×52 to 388×388 |
/// | head 1×1 | classes | 1 | 388×388 |
///
/// A level has two 3×3 convolutions with ReLU; a decoder joins what the 2×2 up-convolution gives to the features of the
/// encoder of its level. The published network has no padding: of 572×572 pixels it answers the middle 388×388, and
/// features of encoders are cropped. It takes extents of which every pooling sees an even number, `16·k + 12`. The small
/// one pads, has batch norm for biases, and takes any extent: what is no multiple of 16 is widened with zeros and the
/// answer cropped. Keys `encoder.0.conv1.weight`, `up.0.weight`, `decoder.0.conv1.weight`, `head.weight`.
public struct UNet: SegmentationNetwork {
  /// The networks of the family.
  public enum Variant: String, Sendable, Hashable, CaseIterable {
    /// The paper's: 31,030,658 parameters for grey images and two classes.
    case published
    /// A quarter of the channels, padded, with batch norm.
    case small
  }

  let variant: Variant
  let encoder: [DoubleConvolution]
  let maxpool = MaxPool2D(2)
  let dropout: Dropout
  let up: [ConvTransposed2D]
  let decoder: [DoubleConvolution]
  let head: Conv2D

  /// A network for images of so many channels.
  ///
  /// - Parameter dropout: the probability that a feature of the last two encoders is dropped in training; by default
  ///   0.5 of the published one, 0 of the small one.
  public init(
    _ variant: Variant = .published, classes: Int = 2, channels: Int = 1, dropout: Double? = nil
  ) {
    let width = variant == .published ? 64 : 16
    let widths = (0..<5).map { width << $0 }
    self.variant = variant
    encoder = zip([channels] + widths, widths).map { DoubleConvolution($0, $1, variant) }
    self.dropout = Dropout(dropout ?? (variant == .published ? 0.5 : 0))
    let narrowing = widths.reversed()
    up = zip(narrowing, narrowing.dropFirst()).map {
      ConvTransposed2D(in: $0, out: $1, kernel: 2, stride: 2)
    }
    decoder = narrowing.dropFirst().map { DoubleConvolution(2 * $0, $0, variant) }
    head = Conv2D(in: width, out: classes, kernel: 1)
  }

  /// Maps images `[N, 1, 572, 572]` to logits `[N, 2, 388, 388]`; the small one keeps the extents.
  public func forward(_ image: Tensor) -> SegmentationLogits {
    var x = variant == .small ? image.widened(toMultipleOf: 16) : image
    var skips: [Tensor] = []
    for (level, block) in encoder.enumerated() {
      x = block(x)
      if level >= 3 { x = dropout(x) }
      skips.append(x)
      if level < 4 { x = maxpool(x) }
    }
    skips.removeLast()
    for (rise, block) in zip(up, decoder) {
      x = rise(x)
      let skip = skips.removeLast().cropped(like: x)
      x = block(concat([skip, x], axis: 1) ?? x)
    }
    let logits = head(x)
    return SegmentationLogits(
      out: variant == .small ? logits.cropped(like: image, offset: 0) : logits)
  }
}

/// Two 3×3 convolutions with ReLU; the small network's are padded and batch-normed.
struct DoubleConvolution: Layer {
  let conv1: Conv2D
  let bn1: BatchNorm2D?
  let conv2: Conv2D
  let bn2: BatchNorm2D?

  init(_ inputs: Int, _ outputs: Int, _ variant: UNet.Variant) {
    let isSmall = variant == .small
    func convolution(_ inputs: Int) -> Conv2D {
      Conv2D(
        in: inputs, out: outputs, kernel: 3, padding: isSmall ? 1 : 0, bias: !isSmall,
        weights: .he())
    }
    conv1 = convolution(inputs)
    bn1 = isSmall ? BatchNorm2D(outputs) : nil
    conv2 = convolution(outputs)
    bn2 = isSmall ? BatchNorm2D(outputs) : nil
  }

  func forward(_ x: Tensor) -> Tensor {
    var x = conv1(x)
    x = relu(bn1?(x) ?? x)
    x = conv2(x)
    return relu(bn2?(x) ?? x)
  }
}
