import StriateCore
import StriateIR
import StriateNN

/// The residual network for large images (He, Zhang, Ren and Sun, "Deep residual learning for image
/// recognition", CVPR 2016, table 1).
///
/// | layer | output | 18 | 34 | 50 | 101 | 152 |
/// |---|---|---|---|---|---|---|
/// | conv1 7/2, max-pool 3/2 | 64×56×56 | | | | | |
/// | layer1, 64 | 56×56 | 2 | 3 | 3 | 3 | 3 |
/// | layer2, 128 | 28×28 | 2 | 4 | 4 | 4 | 8 |
/// | layer3, 256 | 14×14 | 2 | 6 | 6 | 23 | 36 |
/// | layer4, 512 | 7×7 | 2 | 3 | 3 | 3 | 3 |
/// | spatial mean, fc | classes | | | | | |
///
/// Blocks are two 3×3 convolutions, from 50 layers on 1×1, 3×3 and 1×1 with four times the channels. Such a block
/// strides in its 3×3 convolution, as torchvision's ("v1.5"), or in the first 1×1 one, as published. Others of the
/// family differ in their bottlenecks: ResNeXt (Xie et al., "Aggregated residual transformations for deep neural
/// networks", CVPR 2017) has groups in the 3×3 convolution, the wide ones (Zagoruyko and Komodakis, "Wide residual
/// networks", BMVC 2016) twice its channels, SE-ResNet (Hu, Shen and Sun, CVPR 2018) squeeze and excitation before
/// the sum. Keys are torchvision's `resnet18` to `wide_resnet101_2`, of SE-ResNet timm's `seresnet50`; `CIFARResNet`
/// is the paper's network for small images. Any input size.
public struct ResNet: Layer {
  /// How many layers with weights the network has.
  public enum Depth: Int, Sendable, Hashable, CaseIterable {
    /// Blocks of two convolutions, 2 a stage.
    case eighteen = 18
    /// Blocks of two convolutions, 3, 4, 6 and 3 a stage.
    case thirtyFour = 34
    /// Bottlenecks, 3, 4, 6 and 3 a stage.
    case fifty = 50
    /// Bottlenecks, 3, 4, 23 and 3 a stage.
    case hundredOne = 101
    /// Bottlenecks, 3, 8, 36 and 3 a stage.
    case hundredFiftyTwo = 152

    /// Blocks in each of the four stages.
    public var blocks: [Int] {
      switch self {
      case .eighteen: [2, 2, 2, 2]
      case .thirtyFour, .fifty: [3, 4, 6, 3]
      case .hundredOne: [3, 4, 23, 3]
      case .hundredFiftyTwo: [3, 8, 36, 3]
      }
    }

    /// Whether blocks are bottlenecks of three convolutions.
    public var hasBottlenecks: Bool { rawValue >= 50 }
  }

  let conv1: Conv2D
  let bn1: BatchNorm2D
  let maxpool = MaxPool2D(3, stride: 2, padding: 1)
  let layer1, layer2, layer3, layer4: Sequential
  let avgpool = AdaptiveAvgPool2D(1)
  let fc: Linear

  /// What a bottleneck is like.
  public struct Style: Sendable, Hashable {
    /// Into how many groups the channels of the 3×3 convolution fall.
    public var groups = 1
    /// Channels of each group in the first stage.
    public var groupWidth = 64
    /// Whether the first 1×1 convolution strides, as published, not the 3×3 one.
    public var stridesFirst = false
    /// By what the channels that squeeze and excitation passes through are fewer; nil for none.
    public var squeeze: Int?

    /// A style; by default torchvision's `resnet50`.
    public init(
      groups: Int = 1, groupWidth: Int = 64, stridesFirst: Bool = false, squeeze: Int? = nil
    ) {
      self.groups = groups
      self.groupWidth = groupWidth
      self.stridesFirst = stridesFirst
      self.squeeze = squeeze
    }

    /// Channels of the 3×3 convolution where the first stage of the plain network has 64.
    func hidden(_ width: Int) -> Int {
      Int(Double(width) * Double(groupWidth) / 64) * groups
    }
  }

  /// A network for images of so many channels.
  ///
  /// - Parameter style: what bottlenecks are like; networks without bottlenecks ignore it.
  public init(_ depth: Depth, style: Style = Style(), classes: Int = 1000, channels: Int = 3) {
    let expansion = depth.hasBottlenecks ? 4 : 1
    func stage(_ place: Int, from inputs: Int) -> Sequential {
      Self.stage(depth, place, from: inputs, style, stride: place > 0 ? 2 : 1)
    }
    conv1 = Conv2D(
      in: channels, out: 64, kernel: 7, stride: 2, padding: 3, bias: false, weights: .he(fan: .out))
    bn1 = BatchNorm2D(64)
    layer1 = stage(0, from: 64)
    layer2 = stage(1, from: 64 * expansion)
    layer3 = stage(2, from: 128 * expansion)
    layer4 = stage(3, from: 256 * expansion)
    let start = Initializer.uniform(fan: Double(512 * expansion))
    fc = Linear(in: 512 * expansion, out: classes, weights: start, biases: start)
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = maxpool(relu(bn1(conv1(x))))  // [N, 64, 56, 56]
    x = layer2(layer1(x))  // [N, 128·expansion, 28, 28]
    x = layer4(layer3(x))  // [N, 512·expansion, 7, 7]
    return fc(avgpool(x).flattened(from: 1))
  }
}

extension ResNet {
  /// The blocks of one of the four stages.
  ///
  /// - Parameters:
  ///   - stride: of the first block.
  ///   - dilation: of the 3×3 convolutions, of the first block and of the others.
  static func stage(
    _ depth: Depth, _ place: Int, from inputs: Int, _ style: Style = Style(), stride: Int,
    dilation: (first: Int, rest: Int) = (1, 1)
  ) -> Sequential {
    let width = 64 << place
    return Sequential(
      repeated(depth.blocks[place]) { block -> any Layer in
        let isFirst = block == 0
        let inputs = isFirst ? inputs : width * (depth.hasBottlenecks ? 4 : 1)
        return depth.hasBottlenecks
          ? Bottleneck(
            in: inputs, width: width, stride: isFirst ? stride : 1,
            dilation: isFirst ? dilation.first : dilation.rest, style)
          : BasicBlock(
            in: inputs, out: width, stride: isFirst ? stride : 1,
            dilation: isFirst ? dilation.first : dilation.rest)
      })
  }
}

/// Two 3×3 convolutions beside a shortcut: `relu(F(x) + x)` (section 3.2).
struct BasicBlock: Layer {
  let conv1: Conv2D
  let bn1: BatchNorm2D
  let conv2: Conv2D
  let bn2: BatchNorm2D
  let downsample: Sequential?

  init(in inputs: Int, out outputs: Int, stride: Int, dilation: Int = 1) {
    conv1 = .unbiased(inputs, outputs, kernel: 3, stride: stride, dilation: dilation)
    bn1 = BatchNorm2D(outputs)
    conv2 = .unbiased(outputs, outputs, kernel: 3, dilation: dilation)
    bn2 = BatchNorm2D(outputs)
    downsample = .projection(inputs, outputs, stride: stride)
  }

  func forward(_ x: Tensor) -> Tensor {
    var y = relu(bn1(conv1(x)))
    y = bn2(conv2(y))
    return relu(y + (downsample?(x) ?? x))
  }
}

/// Convolutions 1×1, 3×3 and 1×1 beside a shortcut (figure 5).
struct Bottleneck: Layer {
  let conv1: Conv2D
  let bn1: BatchNorm2D
  let conv2: Conv2D
  let bn2: BatchNorm2D
  let conv3: Conv2D
  let bn3: BatchNorm2D
  let se: SqueezeExcitation?
  let downsample: Sequential?

  init(in inputs: Int, width: Int, stride: Int, dilation: Int = 1, _ style: ResNet.Style) {
    let (outputs, hidden) = (4 * width, style.hidden(width))
    conv1 = .unbiased(inputs, hidden, kernel: 1, stride: style.stridesFirst ? stride : 1)
    bn1 = BatchNorm2D(hidden)
    conv2 = .unbiased(
      hidden, hidden, kernel: 3, stride: style.stridesFirst ? 1 : stride, dilation: dilation,
      groups: style.groups)
    bn2 = BatchNorm2D(hidden)
    conv3 = .unbiased(hidden, outputs, kernel: 1)
    bn3 = BatchNorm2D(outputs)
    se = style.squeeze.map { SqueezeExcitation(outputs, squeezed: outputs / max($0, 1)) }
    downsample = .projection(inputs, outputs, stride: stride)
  }

  func forward(_ x: Tensor) -> Tensor {
    var y = relu(bn1(conv1(x)))
    y = relu(bn2(conv2(y)))
    y = bn3(conv3(y))
    return relu((se?(y) ?? y) + (downsample?(x) ?? x))
  }
}

extension Sequential? {
  /// The shortcut of a block that changes the shape (option B): a 1×1 convolution and batch norm; else none.
  fileprivate static func projection(_ inputs: Int, _ outputs: Int, stride: Int) -> Sequential? {
    if stride == 1 && inputs == outputs { return nil }
    return Sequential(
      Conv2D.unbiased(inputs, outputs, kernel: 1, stride: stride), BatchNorm2D(outputs))
  }
}
