import StriateCore
import StriateIR
import StriateNN

/// AlexNet as published (Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
/// networks", NIPS 2012, section 3.5 and figure 2).
///
/// | layer | kernel/stride/padding | output | groups | after |
/// |---|---|---|---|---|
/// | conv1 | 11/4/0 | 96×55×55 | 1 | ReLU, response norm, max-pool 3/2 → 27 |
/// | conv2 | 5/1/2 | 256×27×27 | 2 | ReLU, response norm, max-pool 3/2 → 13 |
/// | conv3 | 3/1/1 | 384×13×13 | 1 | ReLU |
/// | conv4 | 3/1/1 | 384×13×13 | 2 | ReLU |
/// | conv5 | 3/1/1 | 256×13×13 | 2 | ReLU, max-pool 3/2 → 6 |
/// | fc6, fc7 | | 4096 | | ReLU, dropout |
/// | fc8 | | classes | | |
///
/// Groups are the paper's two GPUs. First weights are normal with a deviation of 0.01; biases of conv2, conv4, conv5, fc6
/// and fc7 start at 1, the others at 0 (section 5). Images are 227 pixels wide, which the sizes need, where the paper
/// writes 224. Keys are Caffe's names of the layers. 60,965,224 parameters for a thousand classes.
public struct AlexNet2012: Layer {
  let conv1, conv2, conv3, conv4, conv5: Conv2D
  let norm1 = LocalResponseNorm.published
  let norm2 = LocalResponseNorm.published
  let pool1 = MaxPool2D(3, stride: 2)
  let pool2 = MaxPool2D(3, stride: 2)
  let pool5 = MaxPool2D(3, stride: 2)
  let fc6, fc7, fc8: Linear
  let drop6, drop7: Dropout

  /// A network for images of so many channels.
  ///
  /// - Parameters:
  ///   - hidden: features of the two hidden fully connected layers.
  ///   - dropout: the probability that one of them is dropped in training.
  public init(classes: Int = 1000, channels: Int = 3, hidden: Int = 4096, dropout: Double = 0.5) {
    let start = Initializer.normal(deviation: 0.01)
    func convolution(
      _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0,
      groups: Int = 1, biases: Initializer = .zeros
    ) -> Conv2D {
      Conv2D(
        in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
        padding: Pair(padding), groups: groups, weights: start, biases: biases)
    }
    conv1 = convolution(channels, 96, 11, stride: 4)
    conv2 = convolution(96, 256, 5, padding: 2, groups: 2, biases: .ones)
    conv3 = convolution(256, 384, 3, padding: 1)
    conv4 = convolution(384, 384, 3, padding: 1, groups: 2, biases: .ones)
    conv5 = convolution(384, 256, 3, padding: 1, groups: 2, biases: .ones)
    fc6 = Linear(in: 256 * 6 * 6, out: hidden, weights: start, biases: .ones)
    fc7 = Linear(in: hidden, out: hidden, weights: start, biases: .ones)
    fc8 = Linear(in: hidden, out: classes, weights: start, biases: .zeros)
    (drop6, drop7) = (Dropout(dropout), Dropout(dropout))
  }

  /// Maps images `[N, 3, 227, 227]` to logits `[N, 1000]`.
  public func forward(_ x: Tensor) -> Tensor {
    let x = drop6(relu(fc6(features(x).flattened(from: 1))))
    return fc8(drop7(relu(fc7(x))))
  }

  /// What the convolutions make of images.
  private func features(_ x: Tensor) -> Tensor {
    var x = pool1(norm1(relu(conv1(x))))  // [N, 96, 27, 27]
    x = pool2(norm2(relu(conv2(x))))  // [N, 256, 13, 13]
    x = relu(conv4(relu(conv3(x))))  // [N, 384, 13, 13]
    return pool5(relu(conv5(x)))  // [N, 256, 6, 6]
  }
}

extension AlexNet2012: DenseClassifier {
  /// The mean of the logits at every place of images of 227×227 or more.
  public func denseLogits(_ x: Tensor) -> Tensor {
    features(x).denseLogits([fc6, ReLU(), fc7, ReLU(), fc8], kernel: 6)
  }
}

extension LocalResponseNorm {
  /// The paper's k = 2, n = 5, α = 10⁻⁴, β = 0.75; the layer's alpha is divided by its size.
  static var published: LocalResponseNorm { LocalResponseNorm(5, alpha: 5e-4, k: 2) }
}
