import StriateCore
import StriateIR
import StriateNN

/// The residual network for CIFAR with activations before the convolutions (He, Zhang, Ren and Sun, "Identity mappings in
/// deep residual networks", ECCV 2016, figure 4e), and the wide ones (Zagoruyko and Komodakis, "Wide residual networks",
/// BMVC 2016, table 1).
///
/// | layer | output | channels |
/// |---|---|---|
/// | conv1 3×3 | 32×32 | 16 |
/// | layer1, n blocks | 32×32 | 16·k |
/// | layer2, n blocks | 16×16 | 32·k |
/// | layer3, n blocks | 8×8 | 64·k |
/// | bn, ReLU, spatial mean, fc | classes | |
///
/// Blocks are two 3×3 convolutions (depth `6n + 2`; of the wide ones, which count the projections, `6n + 4`), or
/// bottlenecks with four times the channels (`9n + 2`). Where channels change, batch norm and ReLU come before both ways,
/// and the shortcut is a 1×1 convolution, as in the authors' code. Any input size.
public struct PreActivationResNet: Layer {
  let conv1: Conv2D
  let layer1, layer2, layer3: Sequential
  let bn: BatchNorm2D
  let pool = GlobalAveragePool()
  let fc: Linear
  let blocks: Int

  /// A network of three stages.
  ///
  /// - Parameters:
  ///   - blocks: blocks a stage.
  ///   - width: what the channels of the stages are multiplied by.
  ///   - narrowest: channels of the first convolution, and of the first stage before that.
  ///   - hasBottlenecks: whether blocks are 1×1, 3×3 and 1×1 convolutions.
  ///   - dropout: the probability that a feature between a wide block's convolutions is dropped in training.
  public init(
    blocks: Int, width: Int = 1, narrowest: Int = 16, hasBottlenecks: Bool = false,
    classes: Int = 10, channels: Int = 3, dropout: Double = 0
  ) {
    let expansion = hasBottlenecks ? 4 : 1
    func stage(_ inputs: Int, _ width: Int, stride: Int) -> Sequential {
      Sequential(
        repeated(blocks) { block -> any Layer in
          let inputs = block == 0 ? inputs : width * expansion
          let stride = block == 0 ? stride : 1
          return hasBottlenecks
            ? PreActivationBottleneck(in: inputs, width: width, stride: stride)
            : PreActivationBlock(in: inputs, out: width, stride: stride, dropout: dropout)
        })
    }
    let widths = [1, 2, 4].map { factor in
      narrowest.multipliedReportingOverflow(by: factor).partialValue
        .multipliedReportingOverflow(by: width).partialValue
    }
    self.blocks = blocks
    conv1 = .unbiased(channels, narrowest, kernel: 3)
    layer1 = stage(narrowest, widths[0], stride: 1)
    layer2 = stage(widths[0] * expansion, widths[1], stride: 2)
    layer3 = stage(widths[1] * expansion, widths[2], stride: 2)
    bn = BatchNorm2D(widths[2] * expansion)
    fc = Linear(in: widths[2] * expansion, out: classes, weights: .glorot())
  }

  /// Maps images `[N, 3, 32, 32]` to logits `[N, 10]`.
  public func forward(_ x: Tensor) -> Tensor {
    guard blocks >= 1 else {
      return x.builder.refuse(
        "PreActivationResNet", "takes at least one block a stage, found \(blocks)")
    }
    let x = layer3(layer2(layer1(conv1(x))))  // [N, 64·k, 8, 8]
    return fc(pool(relu(bn(x))))
  }
}

/// Batch norm, ReLU and 3×3 convolution, twice, beside a shortcut: `F(x) + x`.
struct PreActivationBlock: Layer {
  let bn1: BatchNorm2D
  let conv1: Conv2D
  let bn2: BatchNorm2D
  let dropout: Dropout
  let conv2: Conv2D
  let shortcut: Conv2D?

  init(in inputs: Int, out outputs: Int, stride: Int, dropout: Double) {
    bn1 = BatchNorm2D(inputs)
    conv1 = .unbiased(inputs, outputs, kernel: 3, stride: stride)
    bn2 = BatchNorm2D(outputs)
    self.dropout = Dropout(dropout)
    conv2 = .unbiased(outputs, outputs, kernel: 3)
    let isSame = inputs == outputs && stride == 1
    shortcut = isSame ? nil : .unbiased(inputs, outputs, kernel: 1, stride: stride)
  }

  func forward(_ x: Tensor) -> Tensor {
    let active = relu(bn1(x))
    let y = conv2(dropout(relu(bn2(conv1(active)))))
    return y + (shortcut?(active) ?? x)
  }
}

/// The same with convolutions 1×1, 3×3 and 1×1.
struct PreActivationBottleneck: Layer {
  let bn1: BatchNorm2D
  let conv1: Conv2D
  let bn2: BatchNorm2D
  let conv2: Conv2D
  let bn3: BatchNorm2D
  let conv3: Conv2D
  let shortcut: Conv2D?

  init(in inputs: Int, width: Int, stride: Int) {
    let outputs = 4 * width
    bn1 = BatchNorm2D(inputs)
    conv1 = .unbiased(inputs, width, kernel: 1)
    bn2 = BatchNorm2D(width)
    conv2 = .unbiased(width, width, kernel: 3, stride: stride)
    bn3 = BatchNorm2D(width)
    conv3 = .unbiased(width, outputs, kernel: 1)
    let isSame = inputs == outputs && stride == 1
    shortcut = isSame ? nil : .unbiased(inputs, outputs, kernel: 1, stride: stride)
  }

  func forward(_ x: Tensor) -> Tensor {
    let active = relu(bn1(x))
    var y = conv2(relu(bn2(conv1(active))))
    y = conv3(relu(bn3(y)))
    return y + (shortcut?(active) ?? x)
  }
}
