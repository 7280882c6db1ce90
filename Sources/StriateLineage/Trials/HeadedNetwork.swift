import StriateCore
import StriateIR
import StriateNN

/// Twelve 3×3 convolutions of 16 channels without normalisation, every fourth with twice the stride, with classifiers
/// behind the fourth and the eighth where they are asked for.
struct HeadedNetwork: Layer {
  let layers: Sequential
  let heads: [Linear]
  let fc: Linear

  init(hasHeads: Bool, input: Shape) {
    layers = Sequential(
      repeated(12) { place -> any Layer in
        Conv2D(
          in: place == 0 ? input[0] : 16, out: 16, kernel: 3, stride: place % 4 == 3 ? 2 : 1,
          padding: 1, weights: .glorot(), biases: .zeros)
      })
    func classifier() -> Linear { Linear(in: 16, out: 10, weights: .glorot(), biases: .zeros) }
    heads = hasHeads ? [classifier(), classifier()] : []
    fc = classifier()
  }

  func forward(_ x: Tensor) -> Tensor {
    var x = x
    for (place, layer) in layers.layers.enumerated() {
      x = relu(layer(x))
      let head = place / 4
      if place % 4 == 3, heads.indices.contains(head), x.builder.options.mode == .training {
        x.builder.addAuxiliary(heads[head](x.mean(over: [2, 3])), weight: 0.3)
      }
    }
    return fc(x.mean(over: [2, 3]))
  }
}
