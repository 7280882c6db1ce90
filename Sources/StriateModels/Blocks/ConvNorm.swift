import StriateCore
import StriateIR
import StriateNN

/// What a network's batch norms add to the variance, and how fast their statistics move.
struct NormSettings: Sendable, Hashable {
  var epsilon = 1e-5
  var momentum = 0.1

  /// A batch norm of so many channels.
  func layer(_ channels: Int) -> BatchNorm2D {
    BatchNorm2D(channels, epsilon: epsilon, momentum: momentum)
  }
}

/// A convolution without bias that keeps the extent but for its stride, batch norm, and an activation where there
/// is one: keys `0.weight` and `1.*`, torchvision's `Conv2dNormActivation`.
func convNorm(
  _ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1, dilation: Int = 1,
  groups: Int = 1, norm: NormSettings = NormSettings(), activation: (any Layer)? = nil
) -> Sequential {
  var layers: [any Layer] = [
    Conv2D.unbiased(
      inputs, outputs, kernel: kernel, stride: stride, dilation: dilation, groups: groups),
    norm.layer(outputs),
  ]
  if let activation { layers.append(activation) }
  return Sequential(layers)
}

extension Conv2D {
  /// A convolution without bias that keeps the extent but for its stride; batch norm follows or precedes it.
  static func unbiased(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1
  ) -> Conv2D {
    Conv2D(
      in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
      padding: Pair(kernel / 2 * dilation), dilation: Pair(dilation), groups: groups, bias: false,
      weights: .he(fan: .out))
  }
}
