import StriateCore
import StriateIR
import StriateNN

/// Inception v3 (Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception architecture for computer
/// vision", CVPR 2016, table 1 and section 6).
///
/// | layer | output | |
/// |---|---|---|
/// | Conv2d_1a_3x3, 2a, 2b | 64×147×147 | 3×3/2 32, 3×3 32, 3×3 64 padded |
/// | max-pool 3/2, Conv2d_3b_1x1, 4a_3x3 | 192×71×71 | 80, 192 |
/// | max-pool 3/2, Mixed_5b, 5c, 5d | 288×35×35 | 5×5 and twice 3×3 |
/// | Mixed_6a | 768×17×17 | strides |
/// | Mixed_6b to 6e | 768×17×17 | 1×7 and 7×1, of 128, 160, 160, 192 channels |
/// | Mixed_7a | 1280×8×8 | strides |
/// | Mixed_7b, 7c | 2048×8×8 | 1×3 beside 3×1 |
/// | spatial mean, dropout, fc | classes | |
///
/// All convolutions have batch norm (epsilon 1e-3) and ReLU. The auxiliary head behind Mixed_6e judges in training with
/// 0.4 of its loss, the weight of the authors' code, as the paper gives none. The input is taken as it is
/// (`transform_input=False`). Keys are torchvision's `inception_v3`. 27,161,264 parameters for a thousand classes,
/// 23,834,568 without the head. Any input of 75 × 75 or more.
public struct InceptionV3: Layer, TransparentContainer {
  let stem: [(name: String, layer: any Layer)]
  let middle: [(name: String, layer: any Layer)]
  let last: [(name: String, layer: any Layer)]
  let head: InceptionV3Head?
  let dropout: Dropout
  let fc: Linear

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hasHead: whether there is an auxiliary head.
  ///   - dropout: the probability that a feature before the classifier is dropped in training.
  public init(
    hasHead: Bool = true, classes: Int = 1000, channels: Int = 3, dropout: Double = 0.5
  ) {
    typealias Part = InceptionModule.Part
    stem = [
      ("Conv2d_1a_3x3", Part.conv(channels, 32, 3, stride: 2, padding: 0)),
      ("Conv2d_2a_3x3", Part.conv(32, 32, 3, padding: 0)), ("Conv2d_2b_3x3", Part.conv(32, 64, 3)),
      ("maxpool1", MaxPool2D(3, stride: 2)), ("Conv2d_3b_1x1", Part.conv(64, 80, 1)),
      ("Conv2d_4a_3x3", Part.conv(80, 192, 3, padding: 0)), ("maxpool2", MaxPool2D(3, stride: 2)),
    ]
    middle = [
      ("Mixed_5b", InceptionModule.a(192, pool: 32)),
      ("Mixed_5c", InceptionModule.a(256, pool: 64)),
      ("Mixed_5d", InceptionModule.a(288, pool: 64)), ("Mixed_6a", InceptionModule.b(288)),
      ("Mixed_6b", InceptionModule.c(768, 128)), ("Mixed_6c", InceptionModule.c(768, 160)),
      ("Mixed_6d", InceptionModule.c(768, 160)), ("Mixed_6e", InceptionModule.c(768, 192)),
    ]
    last = [
      ("Mixed_7a", InceptionModule.d(768)), ("Mixed_7b", InceptionModule.e(1280)),
      ("Mixed_7c", InceptionModule.e(2048)),
    ]
    head = hasHead ? InceptionV3Head(768, classes: classes) : nil
    self.dropout = Dropout(dropout)
    fc = Linear(
      in: 2048, out: classes, weights: .normal(deviation: 0.1), biases: .uniform(fan: 2048))
  }

  /// The parts under torchvision's names.
  public var namedChildren: [(name: String, child: any Sendable)] {
    var children: [(name: String, child: any Sendable)] = (stem + middle).map {
      ($0.name, $0.layer)
    }
    if let head { children.append(("AuxLogits", head)) }
    children += last.map { ($0.name, $0.layer) }
    return children + [("dropout", dropout), ("fc", fc)]
  }

  /// Maps images `[N, 3, 299, 299]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    func through(_ parts: [(name: String, layer: any Layer)], _ x: Tensor) -> Tensor {
      parts.reduce(x) { x, part in part.layer(x) }
    }
    let x = through(middle, through(stem, x))  // [N, 768, 17, 17]
    if let head, x.builder.options.mode == .training {
      x.builder.addAuxiliary(head(x), weight: 0.4)
    }
    let y = through(last, x)  // [N, 2048, 8, 8]
    if y.isPoisoned { return y }
    return fc(dropout(y.mean(over: [2, 3])))
  }
}

/// The auxiliary head.
///
/// `[N, 768, 17, 17]` → `[N, classes]`.
struct InceptionV3Head: Layer {
  let pool = AvgPool2D(5, stride: 3)
  let conv0, conv1: NormalizedConvolution
  let fc: Linear

  init(_ inputs: Int, classes: Int) {
    conv0 = NormalizedConvolution(inputs, 128, kernel: 1, deviation: 0.1)
    conv1 = NormalizedConvolution(128, 768, kernel: 5, padding: 0)
    fc = Linear(
      in: 768, out: classes, weights: .normal(deviation: 0.001), biases: .uniform(fan: 768))
  }

  func forward(_ x: Tensor) -> Tensor {
    let x = conv1(conv0(pool(x)))  // [N, 768, 1, 1]
    return x.isPoisoned ? x : fc(x.mean(over: [2, 3]))
  }
}
