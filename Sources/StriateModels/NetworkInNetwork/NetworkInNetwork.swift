import StriateCore
import StriateIR
import StriateNN

/// Network in network (Lin, Chen and Yan, ICLR 2014, section 3 and figure 2).
///
/// | part | CIFAR | after | ImageNet | after |
/// |---|---|---|---|---|
/// | features.0 | 5×5 192, 160, 96 | max-pool 3/2, dropout | 11×11/4 96, 96, 96 | max-pool 3/2 |
/// | next | 5×5 192, 192, 192 | mean-pool 3/2, dropout | 5×5 256, 256, 256 | max-pool 3/2 |
/// | next | 3×3 192, 192, classes | spatial mean | 3×3 384, 384, 384 | max-pool 3/2, dropout |
/// | last | | | 3×3 1024, 1024, classes | spatial mean |
///
/// A part is a convolution and two 1×1 convolutions, each with ReLU: a small perceptron that slides over the image; there
/// is no fully connected layer. Poolings round up, and the kinds of pooling are those of the authors' published files.
/// First weights are normal with a deviation of 0.05. 966,986 parameters for CIFAR-10, 7,595,176 for ImageNet.
public struct NetworkInNetwork: Layer {
  /// For which images it is.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case cifar, imageNet }

  let features: Sequential
  let pool = GlobalAveragePool()

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - dropout: the probability that a feature is dropped in training.
  ///   - share: what the channels of the network for CIFAR are divided by; a narrower one has He's first weights, since a
  ///     deviation of 0.05 was made for the published width, and no ReLU behind the maps of classes, where a class whose
  ///     map begins below zero would never be learned.
  public init(
    _ kind: Kind, classes: Int? = nil, channels: Int = 3, dropout: Double = 0.5,
    dividedBy share: Int = 1
  ) {
    let (wide, middle, narrow) = (
      192 / Swift.max(share, 1), 160 / Swift.max(share, 1), 96 / Swift.max(share, 1)
    )
    func max() -> MaxPool2D { MaxPool2D(3, stride: 2, ceil: true) }
    let classes = classes ?? (kind == .cifar ? 10 : 1000)
    switch kind {
    case .cifar:
      let start: Initializer = share > 1 ? .he() : .normal(deviation: 0.05)
      features = Sequential(
        perceptron(
          channels, [wide, middle, narrow], kernel: 5, padding: 2, weights: start), max(),
        Dropout(dropout),
        perceptron(narrow, [wide, wide, wide], kernel: 5, padding: 2, weights: start),
        AvgPool2D(3, stride: 2, ceil: true), Dropout(dropout),
        perceptron(
          wide, [wide, wide, classes], kernel: 3, padding: 1, weights: start,
          isOpen: share > 1))
    case .imageNet:
      features = Sequential(
        perceptron(channels, [96, 96, 96], kernel: 11, stride: 4, padding: 0), max(),
        perceptron(96, [256, 256, 256], kernel: 5, padding: 2), max(),
        perceptron(256, [384, 384, 384], kernel: 3, padding: 1), max(), Dropout(dropout),
        perceptron(384, [1024, 1024, classes], kernel: 3, padding: 1))
    }
  }

  /// Maps images `[N, 3, 32, 32]` or `[N, 3, 224, 224]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor { pool(features(x)) }
}

/// A convolution and two 1×1 convolutions, each with ReLU (the paper's mlpconv layer, equation 2), but the last where it is
/// open.
private func perceptron(
  _ inputs: Int, _ outputs: [Int], kernel: Int, stride: Int = 1, padding: Int,
  weights: Initializer = .normal(deviation: 0.05), isOpen: Bool = false
) -> Sequential {
  var inputs = inputs
  var layers: [any Layer] = []
  for (place, channels) in outputs.enumerated() {
    let isFirst = place == 0
    layers += [
      Conv2D(
        in: inputs, out: channels, kernel: Pair(isFirst ? kernel : 1),
        stride: Pair(isFirst ? stride : 1), padding: Pair(isFirst ? padding : 0),
        weights: weights, biases: .zeros), ReLU(),
    ]
    inputs = channels
  }
  // The last ReLU.
  if isOpen { layers.removeLast() }
  return Sequential(layers)
}
