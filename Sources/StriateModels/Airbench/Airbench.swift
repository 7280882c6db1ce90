import StriateCore
import StriateIR
import StriateNN

/// The fast network for CIFAR (Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, section 3 and the
/// listing of its appendix; it descends from Page, "How to train your ResNet", 2018).
///
/// | part | layers | of a 32×32 image |
/// |---|---|---|
/// | whiten | 2×2 convolution to 2·3·2² = 24 channels, GELU | 31×31 |
/// | group1 | 3×3 to 64, max-pool 2, norm, GELU; 3×3, norm, GELU | 15×15 |
/// | group2 | the same to 256 | 7×7 |
/// | group3 | the same to 256 | 3×3 |
/// | head | greatest over space, linear without bias, divided by 9 | classes |
///
/// The first convolution is meant to whiten 2×2 patches of the training images and to stay as it is
/// (`TrainingConfig.whitening`, `frozen`); drawn at random it works too, only slower. The others begin as the identity
/// on as many channels as come in, the rest drawn at random. Norms keep their scale at 1 in the paper; here it is a
/// weight like any other, to be frozen by whoever wants that.
public struct Airbench: Layer {
  let whiten: Conv2D
  let group1, group2, group3: ConvolutionGroup
  let pool = GlobalMaxPool()
  let fc: Linear

  /// A network of three groups.
  ///
  /// - Parameters:
  ///   - widths: the groups' channels.
  ///   - channels: channels of the input.
  public init(widths: (Int, Int, Int) = (64, 256, 256), classes: Int = 10, channels: Int = 3) {
    let patches = channels.multipliedReportingOverflow(by: 8).partialValue
    whiten = Conv2D(
      in: channels, out: patches, kernel: 2, weights: .uniform(fan: Double(patches / 2)))
    group1 = ConvolutionGroup(in: patches, out: widths.0)
    group2 = ConvolutionGroup(in: widths.0, out: widths.1)
    group3 = ConvolutionGroup(in: widths.1, out: widths.2)
    fc = Linear(
      in: widths.2, out: classes, bias: false, weights: .uniform(fan: Double(widths.2)))
  }

  /// Maps images `[N, 3, 32, 32]` to logits `[N, 10]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = gelu(whiten(x))  // [N, 24, 31, 31]
    x = group1(x)  // [N, 64, 15, 15]
    x = group2(x)  // [N, 256, 7, 7]
    x = group3(x)  // [N, 256, 3, 3]
    return fc(pool(x)) * (1.0 / 9)
  }
}

/// Two 3×3 convolutions with a max-pooling after the first one, each normalised and followed by GELU.
struct ConvolutionGroup: Layer {
  let conv1, conv2: Conv2D
  let norm1, norm2: BatchNorm2D
  let pool = MaxPool2D(2)

  init(in inputs: Int, out outputs: Int) {
    func convolution(_ inputs: Int) -> Conv2D {
      Conv2D(
        in: inputs, out: outputs, kernel: 3, padding: 1, bias: false,
        weights: .identity(over: .uniform(fan: 9 * Double(max(inputs, 1)))))
    }
    (conv1, conv2) = (convolution(inputs), convolution(outputs))
    norm1 = BatchNorm2D(outputs, momentum: 0.1)
    norm2 = BatchNorm2D(outputs, momentum: 0.1)
  }

  func forward(_ x: Tensor) -> Tensor {
    let x = gelu(norm1(pool(conv1(x))))
    return gelu(norm2(conv2(x)))
  }
}
