import StriateCore
import StriateIR
import StriateNN

/// The residual network for CIFAR (He, Zhang, Ren and Sun, "Deep residual learning for image
/// recognition", CVPR 2016, section 4.2): depth `6n + 2` with `n` blocks a stage.
///
/// Shortcuts have no parameters (option A). Without them it is the paper's plain network; with branches that are dropped
/// in training it is the network of Huang, Sun, Liu, Sedra and Weinberger, "Deep networks with stochastic depth" (ECCV
/// 2016): block `l` of `L` is dropped for a whole batch with probability `l/L · drop`, and scaled up where it stays
/// instead of down in use, which is the same in expectation. 269,722 parameters for `n = 3`, widths 16, 32, 64 and ten
/// classes. Any input size: the spatial mean precedes the classifier.
public struct CIFARResNet: Layer {
  let conv1: Conv2D
  let bn1: BatchNorm2D
  let layer1: Sequential
  let layer2: Sequential
  let layer3: Sequential
  let pool = GlobalAveragePool()
  let fc: Linear
  let blocks: Int

  /// A network of three stages.
  ///
  /// - Parameters:
  ///   - blocks: the paper's `n`, residual blocks a stage: 3 gives ResNet-20, 18 ResNet-110.
  ///   - widths: channels of each stage.
  ///   - channels: channels of the input.
  ///   - isPlain: whether there are no shortcuts.
  ///   - drop: the probability that the last block is dropped in training.
  ///   - reduction: by how much squeeze and excitation narrows the channels that scale a block's; nil for none.
  public init(
    blocks: Int, widths: (Int, Int, Int) = (16, 32, 64), classes: Int = 10, channels: Int = 3,
    isPlain: Bool = false, drop: Double = 0, reduction: Int? = nil
  ) {
    func stage(_ place: Int, _ inputs: Int, _ outputs: Int, stride: Int) -> Sequential {
      Sequential(
        repeated(blocks) { block in
          ResidualBlock(
            in: block == 0 ? inputs : outputs, out: outputs, stride: block == 0 ? stride : 1,
            isPlain: isPlain,
            drop: drop * Double(place * blocks + block + 1) / Double(3 * blocks),
            reduction: reduction)
        })
    }
    self.blocks = blocks
    conv1 = Conv2D(
      in: channels, out: widths.0, kernel: 3, padding: 1, bias: false, weights: .he(fan: .out))
    bn1 = BatchNorm2D(widths.0)
    layer1 = stage(0, widths.0, widths.0, stride: 1)
    layer2 = stage(1, widths.0, widths.1, stride: 2)
    layer3 = stage(2, widths.1, widths.2, stride: 2)
    fc = Linear(in: widths.2, out: classes, weights: .glorot())
  }

  /// Maps images `[N, 3, 32, 32]` to logits `[N, 10]`.
  public func forward(_ x: Tensor) -> Tensor {
    guard blocks >= 1 else {
      return x.builder.refuse("CIFARResNet", "takes at least one block a stage, found \(blocks)")
    }
    var x = relu(bn1(conv1(x)))  // [N, 16, 32, 32]
    x = layer1(x)  // [N, 16, 32, 32]
    x = layer2(x)  // [N, 32, 16, 16]
    x = layer3(x)  // [N, 64, 8, 8]
    return fc(pool(x))
  }
}

/// Two 3×3 convolutions beside a shortcut, `relu(F(x) + x)`, or, plain, without one.
struct ResidualBlock: Layer {
  let conv1, conv2: Conv2D
  let bn1, bn2: BatchNorm2D
  let se: SqueezeExcitation?
  let shortcut: PaddedShortcut?
  let stochasticDepth: StochasticDepth

  init(
    in inputs: Int, out outputs: Int, stride: Int, isPlain: Bool, drop: Double, reduction: Int?
  ) {
    conv1 = Conv2D(
      in: inputs, out: outputs, kernel: 3, stride: Pair(stride), padding: 1, bias: false,
      weights: .he(fan: .out))
    conv2 = Conv2D(
      in: outputs, out: outputs, kernel: 3, padding: 1, bias: false, weights: .he(fan: .out))
    (bn1, bn2) = (BatchNorm2D(outputs), BatchNorm2D(outputs))
    se = reduction.map { SqueezeExcitation(outputs, squeezed: outputs / max($0, 1)) }
    shortcut = isPlain ? nil : PaddedShortcut(in: inputs, out: outputs, stride: stride)
    stochasticDepth = StochasticDepth(drop, mode: .batch)
  }

  func forward(_ x: Tensor) -> Tensor {
    var y = relu(bn1(conv1(x)))
    y = bn2(conv2(y))
    if let se { y = se(y) }
    guard let shortcut else { return relu(y) }
    return relu(stochasticDepth(y) + shortcut(x))
  }
}

/// The shortcut without parameters (option A): every second row and column, new channels zero.
///
/// `[N, in, H, W]` → `[N, out, H/stride, W/stride]`; of the new channels half, rounded down, come before
/// the old ones, the rest after.
struct PaddedShortcut: Layer {
  private let id = LayerID()
  let added: Int
  let stride: Int

  init(in inputs: Int, out outputs: Int, stride: Int) {
    added = outputs.subtractingReportingOverflow(inputs).partialValue
    self.stride = stride
  }

  func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned || (added == 0 && stride == 1) { return x }
    guard added >= 0 else {
      return x.builder.refuse(
        "shortcut", "a stage may not be narrower than the one before", operands: [x])
    }
    let sampled =
      stride == 1 ? x : x.slice(axis: 2, step: stride).slice(axis: 3, step: stride)
    if added == 0 { return sampled }
    let low = added / 2
    return sampled.padded(low: [0, low, 0, 0], high: [0, added - low, 0, 0])
  }
}
