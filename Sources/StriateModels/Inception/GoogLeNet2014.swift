import StriateCore
import StriateIR
import StriateNN

/// GoogLeNet as published (Szegedy et al., "Going deeper with convolutions", CVPR 2015, table 1 and section 5).
///
/// The table is that of ``GoogLeNet``, with what torchvision's leaves out: response norm behind the first pooling and
/// before the second, biases and no batch norm, real 5×5 convolutions, a last pooling of 3/2, dropout of 0.4. The
/// auxiliary heads behind inception4a and 4d are a mean-pooling 5/3, a 1×1 convolution to 128 channels, a hidden layer of
/// 1024, dropout of 0.7 and a classifier; they judge in training with 0.3 of their losses. First weights are Glorot's and
/// biases 0.2, as in the published files of Caffe, since the paper gives none. 6,998,552 parameters for a thousand
/// classes, 13,378,280 with the heads. Images of 224 × 224.
public struct GoogLeNet2014: Layer {
  let conv1, conv2, conv3: Conv2D
  let inception3a, inception3b: PublishedInception
  let inception4a, inception4b, inception4c, inception4d, inception4e: PublishedInception
  let inception5a, inception5b: PublishedInception
  let aux1, aux2: PublishedHead?
  let norm1 = LocalResponseNorm(5)
  let norm2 = LocalResponseNorm(5)
  let maxpool1 = MaxPool2D(3, stride: 2, ceil: true)
  let maxpool2 = MaxPool2D(3, stride: 2, ceil: true)
  let maxpool3 = MaxPool2D(3, stride: 2, ceil: true)
  let maxpool4 = MaxPool2D(3, stride: 2, ceil: true)
  let avgpool = GlobalAveragePool()
  let dropout: Dropout
  let fc: Linear

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hasHeads: whether there are auxiliary heads.
  ///   - dropout: the probability that a feature before the classifier is dropped in training.
  ///   - headDropout: the same of the heads' hidden features.
  public init(
    hasHeads: Bool = true, classes: Int = 1000, channels: Int = 3, dropout: Double = 0.4,
    headDropout: Double = 0.7
  ) {
    conv1 = .published(channels, 64, kernel: 7, stride: 2)
    conv2 = .published(64, 64, kernel: 1)
    conv3 = .published(64, 192, kernel: 3)
    inception3a = PublishedInception(.inception3a)
    inception3b = PublishedInception(.inception3b)
    inception4a = PublishedInception(.inception4a)
    inception4b = PublishedInception(.inception4b)
    inception4c = PublishedInception(.inception4c)
    inception4d = PublishedInception(.inception4d)
    inception4e = PublishedInception(.inception4e)
    inception5a = PublishedInception(.inception5a)
    inception5b = PublishedInception(.inception5b)
    func head(_ inputs: Int) -> PublishedHead? {
      hasHeads ? PublishedHead(inputs, classes: classes, dropout: headDropout) : nil
    }
    (aux1, aux2) = (head(512), head(528))
    self.dropout = Dropout(dropout)
    fc = Linear(in: 1024, out: classes, weights: .glorot(), biases: .zeros)
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = norm1(maxpool1(relu(conv1(x))))  // [N, 64, 56, 56]
    x = maxpool2(norm2(relu(conv3(relu(conv2(x))))))  // [N, 192, 28, 28]
    x = maxpool3(inception3b(inception3a(x)))  // [N, 480, 14, 14]
    x = inception4a(x)  // [N, 512, 14, 14]
    aux1?.judge(x)
    x = inception4d(inception4c(inception4b(x)))  // [N, 528, 14, 14]
    aux2?.judge(x)
    x = maxpool4(inception4e(x))  // [N, 832, 7, 7]
    x = inception5b(inception5a(x))  // [N, 1024, 7, 7]
    return fc(dropout(avgpool(x)))
  }
}

/// Four branches over one input, each convolution with ReLU (figure 2b).
struct PublishedInception: Layer {
  let branch1: Sequential
  let branch2, branch3, branch4: Sequential

  init(_ widths: InceptionWidths) {
    let (inputs, single, pool) = (widths.inputs, widths.single, widths.pool)
    let (second, third) = (widths.second, widths.third)
    branch1 = Sequential(Conv2D.published(inputs, single, kernel: 1), ReLU())
    branch2 = Sequential(
      Conv2D.published(inputs, second.0, kernel: 1), ReLU(),
      Conv2D.published(second.0, second.1, kernel: 3), ReLU())
    branch3 = Sequential(
      Conv2D.published(inputs, third.0, kernel: 1), ReLU(),
      Conv2D.published(third.0, third.1, kernel: 5), ReLU())
    branch4 = Sequential(
      MaxPool2D(3, stride: 1, padding: 1), Conv2D.published(inputs, pool, kernel: 1), ReLU())
  }

  func forward(_ x: Tensor) -> Tensor {
    concat([branch1(x), branch2(x), branch3(x), branch4(x)], axis: 1) ?? x
  }
}

/// A classifier in the middle of the network, for training only (section 5).
struct PublishedHead: Layer {
  let pool = AvgPool2D(5, stride: 3)
  let conv: Conv2D
  let fc1, fc2: Linear
  let dropout: Dropout

  init(_ inputs: Int, classes: Int, dropout: Double) {
    conv = .published(inputs, 128, kernel: 1)
    fc1 = Linear(in: 2048, out: 1024, weights: .glorot(), biases: .constant(0.2))
    fc2 = Linear(in: 1024, out: classes, weights: .glorot(), biases: .zeros)
    self.dropout = Dropout(dropout)
  }

  func forward(_ x: Tensor) -> Tensor {
    let x = relu(conv(pool(x))).flattened(from: 1)  // [N, 2048]
    return fc2(dropout(relu(fc1(x))))
  }

  /// Adds 0.3 of the head's loss, in training.
  func judge(_ x: Tensor) {
    if x.builder.options.mode == .training { x.builder.addAuxiliary(self(x), weight: 0.3) }
  }
}

extension Conv2D {
  /// A convolution that keeps the extent but for its stride, its bias at 0.2.
  fileprivate static func published(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1
  ) -> Conv2D {
    Conv2D(
      in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
      padding: Pair(kernel / 2), weights: .glorot(), biases: .constant(0.2))
  }
}
