import StriateCore
import StriateIR
import StriateNN

/// ShuffleNet V2 (Ma, Zhang, Zheng and Sun, "ShuffleNet V2: Practical guidelines for efficient CNN architecture design",
/// ECCV 2018, table 5).
///
/// | layer | output | blocks | 0.5 | 1.0 | 1.5 | 2.0 |
/// |---|---|---|---|---|---|---|
/// | conv1 3/2, max-pool 3/2 | 56×56 | | 24 | 24 | 24 | 24 |
/// | stage2 | 28×28 | 4 | 48 | 116 | 176 | 244 |
/// | stage3 | 14×14 | 8 | 96 | 232 | 352 | 488 |
/// | stage4 | 7×7 | 4 | 192 | 464 | 704 | 976 |
/// | conv5 1×1 | 7×7 | | 1024 | 1024 | 1024 | 2048 |
/// | spatial mean, fc | classes | | | | | |
///
/// No deviation but PyTorch's uniform first weights. Keys are torchvision's `shufflenet_v2_x0_5` to
/// `shufflenet_v2_x2_0`. Any input size.
public struct ShuffleNetV2: Layer {
  /// How much wider than the network of 146 million products it is.
  public enum Width: String, Sendable, Hashable, CaseIterable {
    /// 0.5 times.
    case half = "0_5"
    /// Once.
    case single = "1_0"
    /// 1.5 times.
    case oneAndHalf = "1_5"
    /// Twice.
    case double = "2_0"

    /// Channels of the three stages and of the last convolution.
    public var channels: [Int] {
      switch self {
      case .half: [48, 96, 192, 1024]
      case .single: [116, 232, 464, 1024]
      case .oneAndHalf: [176, 352, 704, 1024]
      case .double: [244, 488, 976, 2048]
      }
    }
  }

  let conv1: Sequential
  let maxpool = MaxPool2D(3, stride: 2, padding: 1)
  let stage2, stage3, stage4: Sequential
  let conv5: Sequential
  let fc: Linear

  /// A network for images of so many channels.
  public init(_ width: Width, classes: Int = 1000, channels: Int = 3) {
    func stage(_ inputs: Int, _ outputs: Int, _ count: Int) -> Sequential {
      Sequential(
        repeated(count) {
          ShuffleUnit(in: $0 == 0 ? inputs : outputs, out: outputs, halves: $0 == 0)
        }
      )
    }
    let widths = width.channels
    conv1 = Sequential(
      ShuffleUnit.conv(channels, 24, kernel: 3, stride: 2), BatchNorm2D(24), ReLU())
    stage2 = stage(24, widths[0], 4)
    stage3 = stage(widths[0], widths[1], 8)
    stage4 = stage(widths[1], widths[2], 4)
    conv5 = Sequential(ShuffleUnit.conv(widths[2], widths[3]), BatchNorm2D(widths[3]), ReLU())
    let start = Initializer.uniform(fan: Double(widths[3]))
    fc = Linear(in: widths[3], out: classes, weights: start, biases: start)
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = maxpool(conv1(x))  // [N, 24, 56, 56]
    x = conv5(stage4(stage3(stage2(x))))  // [N, 1024, 7, 7]
    return fc(x.mean(over: [2, 3]))
  }
}

/// Half of the channels as they are, half through three convolutions, then both interleaved (figure 3c); or both
/// through convolutions that halve the extent and double the channels (figure 3d).
struct ShuffleUnit: Layer {
  let branch1: Sequential?
  let branch2: Sequential

  init(in inputs: Int, out outputs: Int, halves: Bool) {
    let half = outputs / 2
    let before = halves ? inputs : half
    branch1 =
      halves
      ? Sequential(
        Self.conv(inputs, inputs, kernel: 3, stride: 2, groups: inputs), BatchNorm2D(inputs),
        Self.conv(inputs, half), BatchNorm2D(half), ReLU()) : nil
    branch2 = Sequential(
      Self.conv(before, half), BatchNorm2D(half), ReLU(),
      Self.conv(half, half, kernel: 3, stride: halves ? 2 : 1, groups: half), BatchNorm2D(half),
      Self.conv(half, half), BatchNorm2D(half), ReLU())
  }

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    let parts: [Tensor]
    if let branch1 {
      parts = [branch1(x), branch2(x)]
    } else {
      let halves = x.split(axis: 1, into: 2)
      guard halves.count == 2 else { return x }
      parts = [halves[0], branch2(halves[1])]
    }
    return channelShuffle(concat(parts, axis: 1) ?? x, groups: 2)
  }

  /// A convolution that keeps the extent but for its stride, with PyTorch's first weights and no bias.
  static func conv(
    _ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1
  ) -> Conv2D {
    Conv2D(
      in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
      padding: Pair(kernel / 2), groups: groups, bias: false,
      weights: .uniform(fan: Double(inputs / max(groups, 1) * kernel * kernel)))
  }
}

/// Interleaves groups of channels, so that the next groups see all of them (Zhang, Zhou, Lin and Sun, "ShuffleNet",
/// CVPR 2018, figure 1c).
///
/// `[N, C, H, W]` → the same; channel `g·C/groups + i` becomes channel `i·groups + g`.
func channelShuffle(_ x: Tensor, groups: Int) -> Tensor {
  if x.isPoisoned { return x }
  guard x.shape.rank == 4, groups > 0, x.shape[1] % groups == 0 else {
    return x.builder.refuse(
      "channel_shuffle", "takes images whose channels are a multiple of \(groups), found \(x.type)",
      operands: [x])
  }
  let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
  return x.reshaped([n, groups, c / groups, h, w]).transposed([0, 2, 1, 3, 4])
    .reshaped([n, c, h, w])
}
