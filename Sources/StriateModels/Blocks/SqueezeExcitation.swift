import StriateCore
import StriateIR
import StriateNN

/// Squeeze and excitation (Hu, Shen and Sun, "Squeeze-and-excitation networks", CVPR 2018, equations 2 to 4).
///
/// `[N, C, H, W]` → the same: `x · gate(fc2(activation(fc1(mean(x)))))`, the mean over space. Keys `fc1` and `fc2`, 1×1
/// convolutions with biases, as torchvision's.
struct SqueezeExcitation: Layer {
  let avgpool = AdaptiveAvgPool2D(1)
  let fc1, fc2: Conv2D
  let activation: any Layer
  let gate: any Layer

  /// - Parameters:
  ///   - squeezed: channels between the two convolutions.
  ///   - gate: maps what scales a channel to [0, 1].
  init(
    _ channels: Int, squeezed: Int, activation: any Layer = ReLU(), gate: any Layer = Sigmoid()
  ) {
    fc1 = Conv2D(in: channels, out: squeezed, kernel: 1, weights: .he(fan: .out), biases: .zeros)
    fc2 = Conv2D(in: squeezed, out: channels, kernel: 1, weights: .he(fan: .out), biases: .zeros)
    self.activation = activation
    self.gate = gate
  }

  func forward(_ x: Tensor) -> Tensor {
    x * gate(fc2(activation(fc1(avgpool(x)))))  // [N, C, 1, 1] scales
  }
}
