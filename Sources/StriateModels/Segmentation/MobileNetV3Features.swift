import StriateCore
import StriateIR
import StriateNN

/// The large `MobileNetV3` without its classifier, whose last stage dilates where it would stride.
///
/// Howard et al., "Searching for MobileNetV3", ICCV 2019, section 6.4. Keys are the places of torchvision's `features`:
/// `0.0.weight` to `16.1.bias`.
struct MobileNetV3Features: FeatureNetwork, TransparentContainer {
  private let layers: [any Layer]

  /// Channels of the features of an eighth of the extent.
  static let lowChannels = 40
  /// Channels of the last features.
  static let highChannels = 960

  init(channels: Int = 3) {
    layers = MobileNetV3.features(.large, channels: channels, dilatesLastStage: true).layers
  }

  var namedChildren: [(name: String, child: any Sendable)] {
    layers.enumerated().map { ("\($0.offset)", $0.element) }
  }

  /// Maps images to features of an eighth of the extent, behind block 4, and of a sixteenth.
  func forward(_ x: Tensor) -> Features {
    let low = layers.prefix(5).reduce(x) { x, layer in layer(x) }  // [N, 40, H/8, W/8]
    let high = layers.dropFirst(5).reduce(low) { x, layer in layer(x) }  // [N, 960, H/16, W/16]
    return Features(low: low, middle: low, high: high)
  }
}
