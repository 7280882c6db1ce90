import StriateCore
import StriateIR
import StriateNN

/// DenseNet for small pictures, as published for CIFAR: DenseNet-BC of growth 12 and 40 layers.
///
/// | layer | channels | of 32×32 |
/// |---|---|---|
/// | conv0 3×3 | 24 | 32×32 |
/// | denseblock1, 6 layers, transition | 96 → 48 | 16×16 |
/// | denseblock2, 6 layers, transition | 120 → 60 | 8×8 |
/// | denseblock3, 6 layers, norm | 132 | 8×8 |
/// | ReLU, spatial mean, classifier | classes | |
///
/// Huang, Liu, van der Maaten and Weinberger, 2017, section 4.1: bottlenecks of four times the growth, transitions that
/// halve the channels.
public struct DenseNetMini: Layer {
  let features: NamedSequential
  let classifier: Linear

  /// A network for pictures of so many channels.
  ///
  /// - Parameters:
  ///   - growth: channels that a layer adds.
  ///   - layers: layers of each of the three blocks; the depth is six times as many, and four.
  public init(classes: Int = 10, channels: Int = 1, growth: Int = 12, layers: Int = 6) {
    var width = 2 * growth
    var stages: [(name: String, layer: any Layer)] = [
      ("conv0", Conv2D.unbiased(channels, width, kernel: 3))
    ]
    for place in 1...3 {
      let inputs = width
      stages.append(
        (
          "denseblock\(place)",
          NamedSequential(
            repeated(layers) { DenseLayer(in: inputs + $0 * growth, growth: growth) }
              .enumerated().map { ("denselayer\($0.offset + 1)", $0.element) })
        ))
      width += layers * growth
      if place < 3 {
        stages.append(("transition\(place)", Transition(in: width)))
        width /= 2
      }
    }
    stages.append(("norm", BatchNorm2D(width)))
    features = NamedSequential(stages)
    classifier = Linear(in: width, out: classes, weights: .glorot(), biases: .zeros)
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor {
    classifier(relu(features(x)).mean(over: [2, 3]))
  }
}
