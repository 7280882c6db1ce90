import StriateCore
import StriateIR

let zeros = Initializer("zeros") { builder, shape in builder.fill(0, TensorType(.float32, shape)) }

struct Conv: Layer {
  let weight: Parameter
  let bias: Parameter?

  init(_ inputs: Int, _ outputs: Int, bias: Bool = true) {
    weight = Parameter([outputs, inputs, 3, 3], initializer: zeros)
    self.bias = bias ? Parameter([outputs], initializer: zeros) : nil
  }

  func forward(_ x: Tensor) -> Tensor {
    let y = convolution(x, weight, padLow: [1, 1])
    return bias.map { y + $0.tensor(in: x.builder, dtype: x.dtype).alongChannels(like: y) } ?? y
  }
}

struct Activation: Layer {
  let id = LayerID()
  func forward(_ x: Tensor) -> Tensor { relu(x) }
}

struct Block: Layer {
  let firstConv: Conv
  let activation = Activation()
  let downsample: Conv?

  init(_ channels: Int, downsample: Bool = false) {
    firstConv = Conv(channels, channels)
    self.downsample = downsample ? Conv(channels, channels, bias: false) : nil
  }

  func forward(_ x: Tensor) -> Tensor {
    activation(firstConv(x) + (downsample.map { $0(x) } ?? x))
  }
}
