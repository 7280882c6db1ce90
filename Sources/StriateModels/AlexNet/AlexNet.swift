import StriateCore
import StriateIR
import StriateNN

/// AlexNet in one column (Krizhevsky, "One weird trick for parallelizing convolutional neural networks",
/// 2014, after Krizhevsky, Sutskever and Hinton, NIPS 2012).
///
/// | layer | kernel/stride/padding | output | after |
/// |---|---|---|---|
/// | features.0 | 11/4/2 | 64×55×55 | ReLU, max-pool 3/2 → 27 |
/// | features.3 | 5/1/2 | 192×27×27 | ReLU, max-pool 3/2 → 13 |
/// | features.6 | 3/1/1 | 384×13×13 | ReLU |
/// | features.8 | 3/1/1 | 256×13×13 | ReLU |
/// | features.10 | 3/1/1 | 256×13×13 | ReLU, max-pool 3/2 → 6 |
/// | avgpool | | 256×6×6 | dropout |
/// | classifier.1, 4 | | 4096 | ReLU; dropout before the second |
/// | classifier.6 | | classes | |
///
/// Deviations from the paper of 2012, all torchvision's: no local response norm, no two columns, narrower
/// convolutions, adaptive pooling, and PyTorch's uniform first weights. Keys are torchvision's `alexnet`.
/// 61,100,840 parameters for a thousand classes. Any input of 63 × 63 or more.
public struct AlexNet: Layer {
  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(6)
  let classifier: Sequential

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hidden: features of the two hidden fully connected layers.
  ///   - dropout: the probability that a feature before them is dropped in training.
  public init(
    classes: Int = 1000, channels: Int = 3, hidden: Int = 4096, dropout: Double = 0.5
  ) {
    func convolution(
      _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, padding: Int
    ) -> Conv2D {
      let start = Initializer.uniform(fan: Double(inputs) * Double(kernel * kernel))
      return Conv2D(
        in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
        padding: Pair(padding), weights: start, biases: start)
    }
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      let start = Initializer.uniform(fan: Double(inputs))
      return Linear(in: inputs, out: outputs, weights: start, biases: start)
    }
    features = Sequential(
      convolution(channels, 64, 11, stride: 4, padding: 2), ReLU(), MaxPool2D(3, stride: 2),
      convolution(64, 192, 5, padding: 2), ReLU(), MaxPool2D(3, stride: 2),
      convolution(192, 384, 3, padding: 1), ReLU(), convolution(384, 256, 3, padding: 1), ReLU(),
      convolution(256, 256, 3, padding: 1), ReLU(), MaxPool2D(3, stride: 2))
    classifier = Sequential(
      Dropout(dropout), linear(256 * 6 * 6, hidden), ReLU(),
      Dropout(dropout), linear(hidden, hidden), ReLU(), linear(hidden, classes))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = avgpool(features(x))  // [N, 256, 6, 6]
    return classifier(x.flattened(from: 1))
  }
}

extension AlexNet: DenseClassifier {
  /// The mean of the logits at every place of images of 223×223 or more.
  public func denseLogits(_ x: Tensor) -> Tensor {
    features(x).denseLogits(classifier.layers, kernel: 6)
  }
}
