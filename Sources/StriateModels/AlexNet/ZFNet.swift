import StriateCore
import StriateIR
import StriateNN

/// ZFNet (Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, figure 3).
///
/// | layer | kernel/stride/padding | output | after |
/// |---|---|---|---|
/// | conv1 | 7/2/1 | 96×110×110 | ReLU, max-pool 3/2/1 → 55, response norm |
/// | conv2 | 5/2/0 | 256×26×26 | ReLU, max-pool 3/2/1 → 13, response norm |
/// | conv3, conv4 | 3/1/1 | 384×13×13 | ReLU |
/// | conv5 | 3/1/1 | 256×13×13 | ReLU, max-pool 3/2 → 6 |
/// | fc6, fc7 | | 4096 | ReLU, dropout |
/// | fc8 | | classes | |
///
/// The wide one has 512, 1024 and 512 channels in conv3 to conv5. Deviation: the contrast normalisation, whose constants
/// are not published, is AlexNet's response norm, as in the authors' later releases. First weights are normal with a
/// deviation of 0.01. 62,357,608 parameters for a thousand classes, 107,627,624 of the wide one.
public struct ZFNet: Layer {
  let conv1, conv2, conv3, conv4, conv5: Conv2D
  let norm1 = LocalResponseNorm.published
  let norm2 = LocalResponseNorm.published
  let pool1 = MaxPool2D(3, stride: 2, padding: 1)
  let pool2 = MaxPool2D(3, stride: 2, padding: 1)
  let pool5 = MaxPool2D(3, stride: 2)
  let fc6, fc7, fc8: Linear
  let drop6, drop7: Dropout

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - isWide: whether conv3 to conv5 are the wide ones.
  ///   - hidden: features of the two hidden fully connected layers.
  ///   - dropout: the probability that one of them is dropped in training.
  public init(
    isWide: Bool = false, classes: Int = 1000, channels: Int = 3, hidden: Int = 4096,
    dropout: Double = 0.5
  ) {
    let start = Initializer.normal(deviation: 0.01)
    func convolution(
      _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0
    ) -> Conv2D {
      Conv2D(
        in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
        padding: Pair(padding), weights: start, biases: .zeros)
    }
    let (third, fourth, fifth) = isWide ? (512, 1024, 512) : (384, 384, 256)
    conv1 = convolution(channels, 96, 7, stride: 2, padding: 1)
    conv2 = convolution(96, 256, 5, stride: 2)
    conv3 = convolution(256, third, 3, padding: 1)
    conv4 = convolution(third, fourth, 3, padding: 1)
    conv5 = convolution(fourth, fifth, 3, padding: 1)
    fc6 = Linear(in: fifth * 6 * 6, out: hidden, weights: start, biases: .zeros)
    fc7 = Linear(in: hidden, out: hidden, weights: start, biases: .zeros)
    fc8 = Linear(in: hidden, out: classes, weights: start, biases: .zeros)
    (drop6, drop7) = (Dropout(dropout), Dropout(dropout))
  }

  /// Maps images `[N, 3, 224, 224]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = drop6(relu(fc6(features(x).flattened(from: 1))))
    return fc8(drop7(relu(fc7(x))))
  }

  /// What the convolutions make of images.
  private func features(_ x: Tensor) -> Tensor {
    var x = norm1(pool1(relu(conv1(x))))  // [N, 96, 55, 55]
    x = norm2(pool2(relu(conv2(x))))  // [N, 256, 13, 13]
    x = relu(conv4(relu(conv3(x))))  // [N, 384, 13, 13]
    return pool5(relu(conv5(x)))  // [N, 256, 6, 6]
  }
}

extension ZFNet: DenseClassifier {
  /// The mean of the logits at every place of images of 224×224 or more.
  public func denseLogits(_ x: Tensor) -> Tensor {
    features(x).denseLogits([fc6, ReLU(), fc7, ReLU(), fc8], kernel: 6)
  }
}
