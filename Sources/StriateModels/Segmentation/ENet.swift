import StriateCore
import StriateIR
import StriateNN

/// ENet (Paszke, Chaurasia, Kim and Culurciello, "ENet: A deep neural network architecture for real-time semantic
/// segmentation", 2016, table 1).
///
/// | stage | blocks | output |
/// |---|---|---|
/// | initial | 3×3/2 convolution beside a max-pooling | 16 × 1/2 |
/// | down1, stage1 | downsampling; 4 regular | 64 × 1/4 |
/// | down2, stage2 | downsampling; regular, dilated 2, asymmetric 5, dilated 4, regular, dilated 8, asymmetric 5, dilated 16 | 128 × 1/8 |
/// | stage3 | the eight again | 128 × 1/8 |
/// | up4, stage4 | upsampling; 2 regular | 64 × 1/4 |
/// | up5, stage5 | upsampling; 1 regular | 16 × 1/2 |
/// | fullconv | 2×2/2 transposed convolution | classes × 1 |
///
/// A block narrows by a 1×1 convolution to a quarter of its output, convolves, widens again, drops whole channels and is added to its
/// input. Downsampling blocks pool beside that, and upsampling ones put values where the maxima of the pooling of their
/// extent lay. Encoders have PReLU with a slope a channel, decoders ReLU, as the authors' code. Any extent: what is no
/// multiple of 8 is widened with zeros and the answer cropped. 363,098 parameters with 11 classes.
public struct ENet: SegmentationNetwork {
  let initial: ENetInitial
  let down1: ENetDown
  let stage1: Sequential
  let down2: ENetDown
  let stage2, stage3: Sequential
  let up4: ENetUp
  let stage4: Sequential
  let up5: ENetUp
  let stage5: Sequential
  let fullconv: ConvTransposed2D

  /// A network for images of so many channels.
  ///
  /// - Parameter dropout: the probabilities that a channel of a block is dropped in training, in the first stage and
  ///   in the others.
  public init(
    classes: Int = 11, channels: Int = 3, dropout: (first: Double, rest: Double) = (0.01, 0.1)
  ) {
    func deep() -> Sequential {
      let kinds: [ENetBlock.Kind] = [
        .dilated(1), .dilated(2), .asymmetric(5), .dilated(4), .dilated(1), .dilated(8),
        .asymmetric(5), .dilated(16),
      ]
      let blocks: [any Layer] = kinds.map { ENetBlock(128, $0, dropout: dropout.rest) }
      return Sequential(blocks)
    }
    func plain(_ width: Int, _ count: Int) -> Sequential {
      Sequential(
        repeated(count) { _ -> any Layer in
          ENetBlock(width, .dilated(1), rectifies: true, dropout: dropout.rest)
        })
    }
    initial = ENetInitial(channels)
    down1 = ENetDown(16, 64, dropout: dropout.first)
    stage1 = Sequential(
      repeated(4) { _ -> any Layer in ENetBlock(64, .dilated(1), dropout: dropout.first) })
    down2 = ENetDown(64, 128, dropout: dropout.rest)
    stage2 = deep()
    stage3 = deep()
    up4 = ENetUp(128, 64, dropout: dropout.rest)
    stage4 = plain(64, 2)
    up5 = ENetUp(64, 16, dropout: dropout.rest)
    stage5 = plain(16, 1)
    fullconv = ConvTransposed2D(in: 16, out: classes, kernel: 2, stride: 2)
  }

  /// The authors' batch norm.
  static func norm(_ channels: Int) -> BatchNorm2D { BatchNorm2D(channels, epsilon: 1e-3) }

  /// Maps images `[N, 3, H, W]` to logits `[N, 11, H, W]`.
  public func forward(_ image: Tensor) -> SegmentationLogits {
    let first = down1(initial(image.widened(toMultipleOf: 8)))  // [N, 64, H/4, W/4]
    let second = down2(stage1(first.y))  // [N, 128, H/8, W/8]
    var x = stage3(stage2(second.y))
    x = stage4(up4(second.replacing(x)))  // [N, 64, H/4, W/4]
    x = stage5(up5(first.replacing(x)))  // [N, 16, H/2, W/2]
    return SegmentationLogits(out: fullconv(x).cropped(like: image, offset: 0))
  }
}

/// A 3×3/2 convolution beside the pooled image, together 16 channels, normed (figure 2a).
struct ENetInitial: Layer {
  let conv: Conv2D
  let maxpool = MaxPool2D(2)
  let bn: BatchNorm2D
  let activation: PReLU

  init(_ channels: Int) {
    conv = .unbiased(channels, 16 - min(max(channels, 0), 16), kernel: 3, stride: 2)
    bn = ENet.norm(16)
    activation = PReLU(16)
  }

  func forward(_ x: Tensor) -> Tensor {
    activation(bn(concat([conv(x), maxpool(x)], axis: 1) ?? x))
  }
}
