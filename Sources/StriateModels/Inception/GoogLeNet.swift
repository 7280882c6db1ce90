import StriateCore
import StriateIR
import StriateNN

/// GoogLeNet (Szegedy et al., "Going deeper with convolutions", CVPR 2015, table 1), batch-normed as
/// torchvision's.
///
/// | layer | output | 1×1 | 3×3 | 5×5 | pool |
/// |---|---|---|---|---|---|
/// | conv1 7/2, max-pool 3/2 | 64×56×56 | | | | |
/// | conv2 1×1, conv3 3×3, max-pool 3/2 | 192×28×28 | | | | |
/// | inception3a | 256×28×28 | 64 | 96 → 128 | 16 → 32 | 32 |
/// | inception3b, max-pool 3/2 | 480×14×14 | 128 | 128 → 192 | 32 → 96 | 64 |
/// | inception4a | 512×14×14 | 192 | 96 → 208 | 16 → 48 | 64 |
/// | inception4b | 512×14×14 | 160 | 112 → 224 | 24 → 64 | 64 |
/// | inception4c | 512×14×14 | 128 | 128 → 256 | 24 → 64 | 64 |
/// | inception4d | 528×14×14 | 112 | 144 → 288 | 32 → 64 | 64 |
/// | inception4e, max-pool 2/2 | 832×7×7 | 256 | 160 → 320 | 32 → 128 | 128 |
/// | inception5a | 832×7×7 | 256 | 160 → 320 | 32 → 128 | 128 |
/// | inception5b | 1024×7×7 | 384 | 192 → 384 | 48 → 128 | 128 |
/// | spatial mean, dropout, fc | classes | | | | |
///
/// Pooling rounds up. Deviations, torchvision's: batch norm (epsilon 1e-3) for biases and local response norm;
/// the "5×5" branch is 3×3; the last pooling is 2/2; dropout 0.2 for 0.4. Two auxiliary heads on inception4a and 4d, or
/// none, judge in training with 0.3 of their losses; they pool to 4 × 4 whatever the extent. The input is taken as it
/// is (`transform_input=False`): published weights expect it scaled to (x − 0.5) / 0.5. First weights are normal with a
/// deviation of 0.01, which torchvision truncates at 200 deviations, where nothing is. Keys are torchvision's
/// `googlenet`. 6,624,904 parameters for a thousand classes, 13,004,888 with the heads. Any input of 15 × 15 or more.
public struct GoogLeNet: Layer {
  let conv1, conv2, conv3: NormalizedConvolution
  let maxpool1 = MaxPool2D(3, stride: 2, ceil: true)
  let maxpool2 = MaxPool2D(3, stride: 2, ceil: true)
  let inception3a, inception3b: Inception
  let maxpool3 = MaxPool2D(3, stride: 2, ceil: true)
  let inception4a, inception4b, inception4c, inception4d, inception4e: Inception
  let maxpool4 = MaxPool2D(2, stride: 2, ceil: true)
  let inception5a, inception5b: Inception
  let aux1, aux2: AuxiliaryHead?
  let avgpool = AdaptiveAvgPool2D(1)
  let dropout: Dropout
  let fc: Linear

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hasHeads: whether there are auxiliary heads.
  ///   - dropout: the probability that a feature before the classifier is dropped in training.
  ///   - headDropout: the same of the heads' hidden features.
  public init(
    hasHeads: Bool = true, classes: Int = 1000, channels: Int = 3, dropout: Double = 0.2,
    headDropout: Double = 0.7
  ) {
    conv1 = NormalizedConvolution(channels, 64, kernel: 7, stride: 2)
    conv2 = NormalizedConvolution(64, 64, kernel: 1)
    conv3 = NormalizedConvolution(64, 192, kernel: 3)
    inception3a = Inception(.inception3a)
    inception3b = Inception(.inception3b)
    inception4a = Inception(.inception4a)
    inception4b = Inception(.inception4b)
    inception4c = Inception(.inception4c)
    inception4d = Inception(.inception4d)
    inception4e = Inception(.inception4e)
    inception5a = Inception(.inception5a)
    inception5b = Inception(.inception5b)
    func head(_ inputs: Int) -> AuxiliaryHead? {
      hasHeads ? AuxiliaryHead(inputs, classes: classes, dropout: headDropout) : nil
    }
    (aux1, aux2) = (head(512), head(528))
    self.dropout = Dropout(dropout)
    fc = Linear(
      in: 1024, out: classes, weights: .normal(deviation: 0.01), biases: .uniform(fan: 1024))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = maxpool1(conv1(x))  // [N, 64, 56, 56]
    x = maxpool2(conv3(conv2(x)))  // [N, 192, 28, 28]
    x = maxpool3(inception3b(inception3a(x)))  // [N, 480, 14, 14]
    x = inception4a(x)  // [N, 512, 14, 14]
    aux1?.judge(x)
    x = inception4d(inception4c(inception4b(x)))  // [N, 528, 14, 14]
    aux2?.judge(x)
    x = maxpool4(inception4e(x))  // [N, 832, 7, 7]
    x = avgpool(inception5b(inception5a(x)))  // [N, 1024, 1, 1]
    return fc(dropout(x.flattened(from: 1)))
  }
}

/// Four branches over one input, joined along the channels (section 4, figure 2b).
struct Inception: Layer {
  let branch1: NormalizedConvolution
  let branch2, branch3, branch4: Sequential

  init(_ widths: InceptionWidths) {
    let (inputs, single, pool) = (widths.inputs, widths.single, widths.pool)
    let (second, third) = (widths.second, widths.third)
    branch1 = NormalizedConvolution(inputs, single, kernel: 1)
    branch2 = Sequential(
      NormalizedConvolution(inputs, second.0, kernel: 1),
      NormalizedConvolution(second.0, second.1, kernel: 3))
    branch3 = Sequential(
      NormalizedConvolution(inputs, third.0, kernel: 1),
      NormalizedConvolution(third.0, third.1, kernel: 3))
    branch4 = Sequential(
      MaxPool2D(3, stride: 1, padding: 1, ceil: true),
      NormalizedConvolution(inputs, pool, kernel: 1))
  }

  func forward(_ x: Tensor) -> Tensor {
    concat([branch1(x), branch2(x), branch3(x), branch4(x)], axis: 1) ?? x
  }
}

/// A classifier in the middle of the network, for training only (section 5).
///
/// `[N, C, H, W]` → `[N, classes]`.
struct AuxiliaryHead: Layer {
  let pool = AdaptiveAvgPool2D(4)
  let conv: NormalizedConvolution
  let fc1, fc2: Linear
  let dropout: Dropout

  init(_ inputs: Int, classes: Int, dropout: Double) {
    let start = Initializer.normal(deviation: 0.01)
    conv = NormalizedConvolution(inputs, 128, kernel: 1)
    fc1 = Linear(in: 2048, out: 1024, weights: start, biases: .uniform(fan: 2048))
    fc2 = Linear(in: 1024, out: classes, weights: start, biases: .uniform(fan: 1024))
    self.dropout = Dropout(dropout)
  }

  func forward(_ x: Tensor) -> Tensor {
    let x = conv(pool(x)).flattened(from: 1)  // [N, 2048]
    return fc2(dropout(relu(fc1(x))))
  }

  /// Adds 0.3 of the head's loss, in training.
  func judge(_ x: Tensor) {
    if x.builder.options.mode == .training { x.builder.addAuxiliary(self(x), weight: 0.3) }
  }
}
