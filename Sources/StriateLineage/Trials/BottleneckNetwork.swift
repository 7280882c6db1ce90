import StriateCore
import StriateIR
import StriateNN

/// 48 channels by 3×3, half the extent, 32 channels by 5×5 with or without a 1×1 convolution before, and the mean.
struct BottleneckNetwork: Layer {
  let stem: Conv2D
  let pool = MaxPool2D(2)
  let branch: Sequential
  let head: Sequential

  init(reduced: Int?, input: Shape) {
    stem = Conv2D(in: input[0], out: 48, kernel: 3, padding: 1, biases: .zeros)
    branch = Self.branch(48, reduced: reduced, 32)
    head = Sequential(
      GlobalAveragePool(), Linear(in: 32, out: 10, weights: .glorot(), biases: .zeros))
  }

  /// 5×5 filters, through so many channels or at once.
  static func branch(_ inputs: Int, reduced: Int?, _ outputs: Int) -> Sequential {
    var layers: [any Layer] = []
    if let reduced {
      layers += [Conv2D(in: inputs, out: reduced, kernel: 1, biases: .zeros), ReLU()]
    }
    layers += [
      Conv2D(in: reduced ?? inputs, out: outputs, kernel: 5, padding: 2, biases: .zeros), ReLU(),
    ]
    return Sequential(layers)
  }

  func forward(_ x: Tensor) -> Tensor { head(branch(pool(relu(stem(x))))) }
}
