import StriateCore
import StriateIR
import StriateNN

/// AlexNet and ZFNet at the size of small pictures; see `Miniature` for the rule.
///
/// | layer | AlexNet | ZFNet | of 28×28 |
/// |---|---|---|---|
/// | conv1 | 5×5, 24 | 3×3, 24 | 28×28 |
/// | response norm, max-pool 3/2 | | | 13×13 |
/// | conv2 5×5 | 64, 2 groups | 64 | 13×13 |
/// | response norm, max-pool 3/2 | | | 6×6 |
/// | conv3, conv4, conv5 3×3 | 96, 96, 64, of 1, 2, 2 groups | 96, 96, 64 | 6×6 |
/// | max-pool 3/2 | | | 2×2 |
/// | fc6, fc7, dropout | 1024 | 1024 | |
/// | fc8 | classes | classes | |
///
/// Krizhevsky, Sutskever and Hinton, 2012; Zeiler and Fergus, 2014. First weights are He's, since a deviation of 0.01 was
/// made for layers four times as wide.
public struct AlexNetMini: Layer {
  /// Whose.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case alexNet, zfNet }

  let conv1, conv2, conv3, conv4, conv5: Conv2D
  let norm1 = LocalResponseNorm.published
  let norm2 = LocalResponseNorm.published
  let pool1 = MaxPool2D(3, stride: 2)
  let pool2 = MaxPool2D(3, stride: 2)
  let pool5 = MaxPool2D(3, stride: 2)
  let fc6, fc7, fc8: Linear
  let drop6, drop7: Dropout

  /// A network for pictures of this shape, `[C, H, W]`.
  ///
  /// - Parameter dropout: the probability that a hidden feature is dropped in training.
  public init(
    _ kind: Kind = .alexNet, classes: Int = 10, input: Shape = [1, 28, 28], dropout: Double = 0.5
  ) {
    let groups = kind == .alexNet ? 2 : 1
    let (channels, sides) =
      input.rank == 3 ? (input[0], [input[1], input[2]]) : (0, [0, 0])
    conv1 = Miniature.convolution(channels, 24, kernel: kind == .alexNet ? 5 : 3)
    conv2 = Miniature.convolution(24, 64, kernel: 5, groups: groups)
    conv3 = Miniature.convolution(64, 96, kernel: 3)
    conv4 = Miniature.convolution(96, 96, kernel: 3, groups: groups)
    conv5 = Miniature.convolution(96, 64, kernel: 3, groups: groups)
    let places = sides.reduce(1) { $0 * Miniature.pooled($1, times: 3) }
    fc6 = Linear(in: 64 * places, out: 1024, weights: .he(), biases: .zeros)
    fc7 = Linear(in: 1024, out: 1024, weights: .he(), biases: .zeros)
    fc8 = Linear(in: 1024, out: classes, weights: .glorot(), biases: .zeros)
    (drop6, drop7) = (Dropout(dropout), Dropout(dropout))
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = pool1(norm1(relu(conv1(x))))
    x = pool2(norm2(relu(conv2(x))))
    x = pool5(relu(conv5(relu(conv4(relu(conv3(x)))))))
    x = drop6(relu(fc6(x.flattened(from: 1))))
    return fc8(drop7(relu(fc7(x))))
  }
}
