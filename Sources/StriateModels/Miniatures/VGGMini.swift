import StriateCore
import StriateIR
import StriateNN

/// VGG-11 at the size of small pictures; see `Miniature` for the rule.
///
/// | layer | channels | of 28×28 |
/// |---|---|---|
/// | conv 3×3 | 16 | 28×28 |
/// | conv 3×3, max-pool | 32 | 14×14 |
/// | conv 3×3 twice, max-pool | 64 | 7×7 |
/// | conv 3×3 twice, max-pool | 128 | 3×3 |
/// | conv 3×3 twice | 128 | 3×3 |
/// | fc twice with dropout, fc | 1024, classes | |
///
/// Simonyan and Zisserman, 2015, configuration A. First weights are He's, which came a month after the paper and spare
/// its detour through a shallower network.
public struct VGGMini: Layer {
  let features: Sequential
  let classifier: Sequential

  /// A network for pictures of this shape, `[C, H, W]`.
  ///
  /// - Parameter dropout: the probability that a hidden feature is dropped in training.
  public init(classes: Int = 10, input: Shape = [1, 28, 28], dropout: Double = 0.5) {
    let (channels, sides) =
      input.rank == 3 ? (input[0], [input[1], input[2]]) : (0, [0, 0])
    var inputs = channels
    var layers: [any Layer] = []
    for (outputs, isPooled) in [
      (16, false), (32, true), (64, false), (64, true), (128, false), (128, true), (128, false),
      (128, false),
    ] {
      layers += [Miniature.convolution(inputs, outputs, kernel: 3), ReLU()]
      if isPooled { layers.append(MaxPool2D(2, stride: 2)) }
      inputs = outputs
    }
    features = Sequential(layers)
    let places = sides.reduce(1) { $0 * ($1 / 8) }
    classifier = Sequential(
      Linear(in: 128 * places, out: 1024, weights: .he(), biases: .zeros), ReLU(),
      Dropout(dropout),
      Linear(in: 1024, out: 1024, weights: .he(), biases: .zeros), ReLU(), Dropout(dropout),
      Linear(in: 1024, out: classes, weights: .glorot(), biases: .zeros))
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor { classifier(features(x).flattened(from: 1)) }
}
