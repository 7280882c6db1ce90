import StriateCore
import StriateIR
import StriateNN

/// A block of ENet that keeps its shape (figure 2b): `activation(x + expand(convolve(project(x))))`.
struct ENetBlock: Layer {
  /// The convolution in its middle.
  enum Kind: Sendable, Hashable {
    /// 3×3 of a dilation; 1 is a plain one.
    case dilated(Int)
    /// One along the rows and one along the columns, of an extent.
    case asymmetric(Int)
  }

  let project, convolve, expand: Sequential
  let activation: any Layer

  /// - Parameter rectifies: whether activations are ReLU; PReLU otherwise.
  init(_ width: Int, _ kind: Kind, rectifies: Bool = false, dropout: Double) {
    let hidden = width / 4
    func activation(_ width: Int) -> any Layer { rectifies ? ReLU() : PReLU(width) }
    project = Sequential(
      Conv2D.unbiased(width, hidden, kernel: 1), ENet.norm(hidden), activation(hidden))
    let middle: [any Layer]
    switch kind {
    case .dilated(let rate):
      middle = [Conv2D.unbiased(hidden, hidden, kernel: 3, dilation: rate)]
    case .asymmetric(let extent):
      middle = [Pair(extent, 1), Pair(1, extent)].map { kernel in
        Conv2D(
          in: hidden, out: hidden, kernel: kernel,
          padding: Pair(kernel.height / 2, kernel.width / 2), bias: false, weights: .he(fan: .out))
      }
    }
    convolve = Sequential(middle + [ENet.norm(hidden), activation(hidden)])
    expand = Sequential(
      Conv2D.unbiased(hidden, width, kernel: 1), ENet.norm(width), SpatialDropout2D(dropout))
    self.activation = activation(width)
  }

  func forward(_ x: Tensor) -> Tensor { activation(x + expand(convolve(project(x)))) }
}

/// What was pooled, with the places of the maxima and the extents that they lie in.
struct Pooled: TensorGroup {
  var y: Tensor
  var indices: Tensor
  var spatial: [Int]

  var namedTensors: [(name: String, tensor: Tensor)] { [("y", y), ("indices", indices)] }

  /// Other values that are to be put where these maxima lay.
  func replacing(_ y: Tensor) -> Pooled { Pooled(y: y, indices: indices, spatial: spatial) }
}

/// A block that halves the extent: maxima, with channels of zeros for the new ones, beside convolutions of which the
/// first is 2×2/2.
struct ENetDown: Model {
  let project, convolve, expand: Sequential
  let activation: PReLU
  let added: Int

  init(_ inputs: Int, _ outputs: Int, dropout: Double) {
    let hidden = outputs / 4
    project = Sequential(
      Conv2D(
        in: inputs, out: hidden, kernel: 2, stride: 2, bias: false, weights: .he(fan: .out)),
      ENet.norm(hidden), PReLU(hidden))
    convolve = Sequential(
      Conv2D.unbiased(hidden, hidden, kernel: 3), ENet.norm(hidden), PReLU(hidden))
    expand = Sequential(
      Conv2D.unbiased(hidden, outputs, kernel: 1), ENet.norm(outputs), SpatialDropout2D(dropout))
    activation = PReLU(outputs)
    added = outputs - inputs
  }

  /// Maps `[N, in, H, W]` to `[N, out, H/2, W/2]`, with the places of the maxima of the input's channels.
  func forward(_ x: Tensor) -> Pooled {
    let pooled = maxPoolWithIndices(x, kernel: [2, 2])
    let main = pooled.y.padded(low: [0, 0, 0, 0], high: [0, added, 0, 0])
    let y = activation(main + expand(convolve(project(x))))
    return Pooled(
      y: y, indices: pooled.indices, spatial: Array(x.shape.dims.dropFirst(2)))
  }
}

/// A block that doubles the extent: values put where maxima lay, beside a 3×3/2 transposed convolution.
struct ENetUp: Model {
  let main, project, convolve, expand: Sequential

  init(_ inputs: Int, _ outputs: Int, dropout: Double) {
    let hidden = outputs / 4
    main = Sequential(Conv2D.unbiased(inputs, outputs, kernel: 1), ENet.norm(outputs))
    project = Sequential(
      Conv2D.unbiased(inputs, hidden, kernel: 1), ENet.norm(hidden), ReLU())
    convolve = Sequential(
      ConvTransposed2D(
        in: hidden, out: hidden, kernel: 3, stride: 2, padding: 1, outputPadding: 1, bias: false),
      ENet.norm(hidden), ReLU())
    expand = Sequential(
      Conv2D.unbiased(hidden, outputs, kernel: 1), ENet.norm(outputs), SpatialDropout2D(dropout))
  }

  /// Maps values `[N, in, H, W]` and the places of `[N, out, H, W]` maxima to `[N, out, 2·H, 2·W]`.
  func forward(_ x: Pooled) -> Tensor {
    let unpooled = maxUnpool(main(x.y), indices: x.indices, spatial: x.spatial)
    return relu(unpooled + expand(convolve(project(x.y))))
  }
}
