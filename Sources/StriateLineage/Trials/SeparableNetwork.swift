import StriateCore
import StriateIR
import StriateNN

/// A convolution and six units of a 3×3 convolution, whole or separable, with batch norm and ReLU; then the mean.
struct SeparableNetwork: Layer {
  let stem: Sequential
  let units: Sequential
  let head: Sequential

  init(isSeparable: Bool, channels: Int) {
    stem = Self.normalized(Conv2D(in: channels, out: 32, kernel: 3, padding: 1, bias: false))
    units = Sequential(
      [(32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1), (64, 64, 1)].map {
        inputs, outputs, stride -> any Layer in
        Self.unit(inputs, outputs, stride: stride, isSeparable: isSeparable)
      })
    head = Sequential(
      GlobalAveragePool(), Linear(in: 64, out: 10, weights: .glorot(), biases: .zeros))
  }

  /// A 3×3 convolution, or a depthwise one and one of 1×1.
  static func unit(_ inputs: Int, _ outputs: Int, stride: Int, isSeparable: Bool) -> Sequential {
    guard isSeparable else {
      return normalized(
        Conv2D(
          in: inputs, out: outputs, kernel: 3, stride: Pair(stride), padding: 1, bias: false))
    }
    return Sequential(
      normalized(
        Conv2D(
          in: inputs, out: inputs, kernel: 3, stride: Pair(stride), padding: 1, groups: inputs,
          bias: false)),
      normalized(Conv2D(in: inputs, out: outputs, kernel: 1, bias: false)))
  }

  private static func normalized(_ convolution: Conv2D) -> Sequential {
    Sequential(convolution, BatchNorm2D(convolution.weight.type.shape[0]), ReLU())
  }

  func forward(_ x: Tensor) -> Tensor { head(units(stem(x))) }
}
