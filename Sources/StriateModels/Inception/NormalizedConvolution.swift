import StriateCore
import StriateIR
import StriateNN

/// A convolution, batch norm (epsilon 1e-3) and ReLU: keys `conv` and `bn`, torchvision's `BasicConv2d`.
struct NormalizedConvolution: Layer {
  let conv: Conv2D
  let bn: BatchNorm2D

  /// - Parameters:
  ///   - padding: by how much the input is widened; by default it keeps the extent but for the stride.
  ///   - deviation: of the normal first weights.
  init(
    _ inputs: Int, _ outputs: Int, kernel: Pair, stride: Pair = 1, padding: Pair? = nil,
    deviation: Double = 0.01
  ) {
    conv = Conv2D(
      in: inputs, out: outputs, kernel: kernel, stride: stride,
      padding: padding ?? Pair(kernel.height / 2, kernel.width / 2), bias: false,
      weights: .normal(deviation: deviation))
    bn = BatchNorm2D(outputs, epsilon: 1e-3)
  }

  func forward(_ x: Tensor) -> Tensor { relu(bn(conv(x))) }
}
