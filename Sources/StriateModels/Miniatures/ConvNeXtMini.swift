import StriateCore
import StriateIR
import StriateNN

/// ConvNeXt at the size of small pictures; see `Miniature` for the rule.
///
/// | layer | channels | of 28×28 |
/// |---|---|---|
/// | stem 2×2/2, layer norm | 24 | 14×14 |
/// | stage 1, 1 block | 24 | 14×14 |
/// | layer norm, 2×2/2, stage 2, 1 block | 48 | 7×7 |
/// | layer norm, 1×1, stage 3, 3 blocks | 96 | 7×7 |
/// | layer norm, 2×2/2, stage 4, 1 block | 192 | 3×3 |
/// | spatial mean, layer norm, classifier | classes | |
///
/// Liu et al., 2022.
public struct ConvNeXtMini: Layer {
  let features: Sequential
  let avgpool = AdaptiveAvgPool2D(1)
  let classifier: Sequential

  /// A network for pictures of so many channels.
  public init(classes: Int = 10, channels: Int = 1) {
    var width = 24
    var layers: [any Layer] = [
      Sequential(ConvNeXt.reduction(channels, width, by: 2), ChannelNorm(width))
    ]
    for (place, (blocks, factor)) in [(1, 1), (1, 2), (3, 1), (1, 2)].enumerated() {
      if place > 0 {
        layers.append(
          Sequential(ChannelNorm(width), ConvNeXt.reduction(width, 2 * width, by: factor)))
        width *= 2
      }
      let channels = width
      layers.append(Sequential(repeated(blocks) { _ in ConvNeXtBlock(channels, drop: 0) }))
    }
    features = Sequential(layers)
    classifier = Sequential(
      ChannelNorm(width), Flatten(),
      Linear(in: width, out: classes, weights: ConvNeXt.start, biases: .zeros))
  }

  /// Maps pictures `[N, C, H, W]` to logits `[N, classes]`.
  public func forward(_ x: Tensor) -> Tensor { classifier(avgpool(features(x))) }
}
