import StriateCore
import StriateIR
import StriateNN

/// GoogLeNet at the size of small pictures; see `Miniature` for the rule.
///
/// | layer | channels | of 28×28 |
/// |---|---|---|
/// | conv1 3×3, response norm | 16 | 28×28 |
/// | conv2 1×1, conv3 3×3, response norm, max-pool 3/2 | 16, 48 | 14×14 |
/// | inception3a, 3b, max-pool 3/2 | 64, 120 | 7×7 |
/// | inception4a … 4e, max-pool 3/2 | 128, 128, 128, 132, 208 | 3×3 |
/// | inception5a, 5b | 208, 256 | 3×3 |
/// | spatial mean, dropout 0.4, fc | classes | |
///
/// Szegedy et al., 2015. The auxiliary heads behind inception4a and 4d judge in training with 0.3 of their losses: a
/// mean over the whole map, where the published one has 4×4 places, and two fully connected layers.
public struct GoogLeNetMini: Layer {
  let conv1, conv2, conv3: Conv2D
  let norm1 = LocalResponseNorm(5)
  let norm2 = LocalResponseNorm(5)
  let inception3a, inception3b: PublishedInception
  let inception4a, inception4b, inception4c, inception4d, inception4e: PublishedInception
  let inception5a, inception5b: PublishedInception
  let aux1, aux2: HeadMini?
  let pool2 = MaxPool2D(3, stride: 2, ceil: true)
  let pool3 = MaxPool2D(3, stride: 2, ceil: true)
  let pool4 = MaxPool2D(3, stride: 2, ceil: true)
  let avgpool = GlobalAveragePool()
  let dropout: Dropout
  let fc: Linear

  /// A network for pictures of so many channels.
  ///
  /// - Parameters:
  ///   - hasHeads: whether there are auxiliary heads.
  ///   - dropout: the probability that a feature before the classifier is dropped in training.
  public init(classes: Int = 10, channels: Int = 1, hasHeads: Bool = true, dropout: Double = 0.4) {
    conv1 = Miniature.convolution(channels, 16, kernel: 3)
    conv2 = Miniature.convolution(16, 16, kernel: 1)
    conv3 = Miniature.convolution(16, 48, kernel: 3)
    func module(_ widths: InceptionWidths) -> PublishedInception {
      PublishedInception(widths.quarter)
    }
    (inception3a, inception3b) = (module(.inception3a), module(.inception3b))
    (inception4a, inception4b) = (module(.inception4a), module(.inception4b))
    (inception4c, inception4d) = (module(.inception4c), module(.inception4d))
    inception4e = module(.inception4e)
    (inception5a, inception5b) = (module(.inception5a), module(.inception5b))
    func head(_ inputs: Int) -> HeadMini? {
      hasHeads ? HeadMini(inputs, classes: classes) : nil
    }
    (aux1, aux2) = (head(128), head(132))
    self.dropout = Dropout(dropout)
    fc = Linear(in: 256, out: classes, weights: .glorot(), biases: .zeros)
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = norm1(relu(conv1(x)))
    x = pool2(norm2(relu(conv3(relu(conv2(x))))))
    x = pool3(inception3b(inception3a(x)))
    x = inception4a(x)
    aux1?.judge(x)
    x = inception4d(inception4c(inception4b(x)))
    aux2?.judge(x)
    x = inception5b(inception5a(pool4(inception4e(x))))
    return fc(dropout(avgpool(x)))
  }
}

/// A classifier in the middle of the network, for training only.
struct HeadMini: Layer {
  let pool = GlobalAveragePool()
  let fc1, fc2: Linear
  let dropout = Dropout(0.7)

  init(_ inputs: Int, classes: Int) {
    fc1 = Linear(in: inputs, out: 256, weights: .glorot(), biases: .zeros)
    fc2 = Linear(in: 256, out: classes, weights: .glorot(), biases: .zeros)
  }

  func forward(_ x: Tensor) -> Tensor { fc2(dropout(relu(fc1(pool(x))))) }

  /// Adds 0.3 of the head's loss, in training.
  func judge(_ x: Tensor) {
    if x.builder.options.mode == .training { x.builder.addAuxiliary(self(x), weight: 0.3) }
  }
}

extension InceptionWidths {
  /// A quarter of all channels.
  var quarter: InceptionWidths {
    InceptionWidths(
      inputs: inputs / 4, single: single / 4, second: (second.0 / 4, second.1 / 4),
      third: (third.0 / 4, third.1 / 4), pool: pool / 4)
  }
}
