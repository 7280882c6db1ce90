import StriateCore
import StriateIR
import StriateNN

/// A small network of three convolutions in which one thing at a time is changed.
///
/// | layer | channels | of 28×28 |
/// |---|---|---|
/// | convolution, [response norm], activation, max-pool | 16 | 14×14 |
/// | convolution, [response norm], activation, max-pool | 32 | 7×7 |
/// | 3×3 convolution, activation | 64 | 7×7 |
/// | head | classes | |
struct TrialNetwork: Layer {
  /// What is changed.
  struct Plan: Sendable {
    /// The activation: ReLU, or the hyperbolic tangent.
    var isTanh = false
    /// Whether answers are normalised by those of neighbouring channels, with AlexNet's constants.
    var isNormalized = false
    /// The side of a pooling window; windows are two apart.
    var window = 2
    /// Groups of the second and third convolution.
    var groups = 1
    /// The first two layers' stacks of convolutions: how many, and of what side.
    var stack = (count: 1, side: 5)
    /// Features of the hidden layers of the head; without any it is the mean over the map.
    var hidden = [128]
    /// The probability that a hidden feature is dropped.
    var dropout = 0.0
  }

  let first, second, third: Sequential
  let pool: MaxPool2D
  let head: Sequential

  init(_ plan: Plan = Plan(), classes: Int = 10, input: Shape = [1, 28, 28]) {
    let start: Initializer = plan.isTanh ? .glorot() : .he()
    func stage(_ inputs: Int, _ outputs: Int, side: Int, count: Int, groups: Int) -> Sequential {
      var layers: [any Layer] = []
      for place in 0..<count {
        layers.append(
          Conv2D(
            in: place == 0 ? inputs : outputs, out: outputs, kernel: Pair(side),
            padding: Pair(side / 2), groups: groups, weights: start, biases: .zeros))
        if plan.isNormalized, place == count - 1 {
          layers.append(LocalResponseNorm(5, alpha: 5e-4, k: 2))
        }
        layers.append(plan.isTanh ? Tanh() : ReLU())
      }
      return Sequential(layers)
    }
    let (count, side) = plan.stack
    first = stage(input[0], 16, side: side, count: count, groups: 1)
    second = stage(16, 32, side: side, count: count, groups: plan.groups)
    third = stage(32, 64, side: 3, count: 1, groups: plan.groups)
    pool = MaxPool2D(Pair(plan.window), stride: 2, padding: Pair(plan.window / 3))
    if plan.hidden.isEmpty {
      head = Sequential(
        GlobalAveragePool(), Linear(in: 64, out: classes, weights: .glorot(), biases: .zeros))
      return
    }
    var features = 64 * (input[1] / 4) * (input[2] / 4)
    var layers: [any Layer] = [Flatten()]
    for hidden in plan.hidden {
      layers += [
        Linear(in: features, out: hidden, weights: start, biases: .zeros),
        plan.isTanh ? Tanh() : ReLU(), Dropout(plan.dropout),
      ]
      features = hidden
    }
    layers.append(Linear(in: features, out: classes, weights: .glorot(), biases: .zeros))
    head = Sequential(layers)
  }

  func forward(_ x: Tensor) -> Tensor { head(third(pool(second(pool(first(x)))))) }
}
