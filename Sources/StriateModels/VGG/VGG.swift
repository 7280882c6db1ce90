import StriateCore
import StriateIR
import StriateNN

/// VGG (Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
/// ICLR 2015, table 1).
///
/// Five groups of 3×3 convolutions with ReLU, each group followed by a max-pooling 2/2; then 7×7 averages, two
/// hidden layers of 4096 features with dropout, and the classifier.
///
/// | depth | paper | 64 | 128 | 256 | 512 | 512 | parameters |
/// |---|---|---|---|---|---|---|---|
/// | 11 | A | 1 | 1 | 2 | 2 | 2 | 132,863,336 |
/// | 13 | B | 2 | 2 | 2 | 2 | 2 | 133,047,848 |
/// | 16 | D | 2 | 2 | 3 | 3 | 3 | 138,357,544 |
/// | 19 | E | 2 | 2 | 4 | 4 | 4 | 143,667,240 |
///
/// Deviations, all torchvision's: the input may have any extent of 32 or more (adaptive pooling), batch norm
/// behind every convolution if wished (Ioffe and Szegedy, 2015), and He's first weights. Keys are torchvision's
/// `vgg11` to `vgg19` and `vgg11_bn` to `vgg19_bn`.
public struct VGG: Layer {
  /// Which of the paper's columns, named by its layers with weights.
  public enum Depth: Int, Sendable, Hashable, CaseIterable {
    /// Column A.
    case eleven = 11
    /// Column B.
    case thirteen = 13
    /// Column D.
    case sixteen = 16
    /// Column E.
    case nineteen = 19

    /// Convolutions in each of the five groups.
    public var convolutions: [Int] {
      switch self {
      case .eleven: [1, 1, 2, 2, 2]
      case .thirteen: [2, 2, 2, 2, 2]
      case .sixteen: [2, 2, 3, 3, 3]
      case .nineteen: [2, 2, 4, 4, 4]
      }
    }
  }

  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(7)
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - normalized: whether batch norm follows every convolution (`_bn`).
  ///   - hidden: features of the two hidden fully connected layers.
  ///   - dropout: the probability that one of these is dropped in training.
  public init(
    _ depth: Depth, normalized: Bool = false, classes: Int = 1000, channels: Int = 3,
    hidden: Int = 4096, dropout: Double = 0.5
  ) {
    features = Self.features(depth, normalized: normalized, channels: channels)
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      Linear(in: inputs, out: outputs, weights: .normal(deviation: 0.01))
    }
    classifier = Sequential(
      linear(512 * 7 * 7, hidden), ReLU(), Dropout(dropout),
      linear(hidden, hidden), ReLU(), Dropout(dropout), linear(hidden, classes))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = avgpool(features(x))  // [N, 512, 7, 7]
    return classifier(x.flattened(from: 1))
  }
}

extension VGG {
  /// The convolutions and poolings.
  ///
  /// - Parameters:
  ///   - padding: of the first convolution.
  ///   - roundsUp: whether a partial last window is pooled too.
  ///   - dilatesLastGroup: whether the last two poolings are left out, and the convolutions between them dilate by 2.
  static func features(
    _ depth: Depth, normalized: Bool = false, channels: Int, padding: Int = 1,
    roundsUp: Bool = false, dilatesLastGroup: Bool = false
  ) -> Sequential {
    var layers: [any Layer] = []
    var inputs = channels
    let widths = [64, 128, 256, 512, 512]
    for (group, (width, count)) in zip(widths, depth.convolutions).enumerated() {
      let dilation = dilatesLastGroup && group == 4 ? 2 : 1
      for _ in 0..<count {
        layers.append(
          Conv2D(
            in: inputs, out: width, kernel: 3, padding: Pair(layers.isEmpty ? padding : dilation),
            dilation: Pair(dilation), weights: .he(fan: .out)))
        if normalized { layers.append(BatchNorm2D(width)) }
        layers.append(ReLU())
        inputs = width
      }
      let isPooled = !(dilatesLastGroup && group >= 3)
      layers.append(isPooled ? MaxPool2D(2, ceil: roundsUp) : Identity())
    }
    return Sequential(layers)
  }
}

extension VGG: DenseClassifier {
  /// The mean of the logits at every place of images of 224×224 or more (section 3.2 of the paper).
  public func denseLogits(_ x: Tensor) -> Tensor {
    features(x).denseLogits(classifier.layers, kernel: 7)
  }
}
