import StriateCore
import StriateData
import StriateIR
import StriateNN
import StriateRuntime

/// Convolutions of three places over a sequence of four symbols, `[N, 4, 1, 65]`, read out in the middle.
package struct DilatedNetwork: Layer {
  /// Places of a sequence.
  static let length = 65
  let layers: Sequential
  let fc: Linear

  package init(_ dilations: [Int]) {
    layers = Sequential(
      dilations.enumerated().map { place, dilation -> any Layer in
        Conv2D(
          in: place == 0 ? 4 : 16, out: 16, kernel: Pair(1, 3), padding: Pair(0, dilation),
          dilation: Pair(1, dilation), biases: .zeros)
      })
    fc = Linear(in: 16, out: 2, weights: .glorot(), biases: .zeros)
  }

  package func forward(_ x: Tensor) -> Tensor { fc(middle(x)) }

  /// The features of the place in the middle, `[N, 16]`.
  private func middle(_ x: Tensor) -> Tensor {
    var x = x
    for layer in layers.layers { x = relu(layer(x)) }
    let half = Self.length / 2
    return x.slice(axis: 3, from: half, to: half + 1).flattened(from: 1)
  }

  /// Places whose gradient is not zero, with weights of ones: the receptive field.
  package func reach(on device: Device) throws -> Int {
    let type = TensorType(.float32, [1, 4, 1, Self.length])
    let naming = Naming(self)
    let program = try Program(on: device, naming: naming) { builder in
      let x = builder.input("input", type)
      builder.output("gradient", builder.gradients(of: middle(x).sum(over: [0, 1]), in: [x])[0])
    }
    var weights = NamedTensors()
    for (path, parameter) in naming.parameters {
      let type = parameter.type
      weights[path] = try HostTensor(
        [Float](repeating: type.shape.rank > 1 ? 0.1 : 0, count: type.shape.count),
        shape: type.shape)
    }
    let ones = try HostTensor([Float](repeating: 1, count: type.shape.count), shape: type.shape)
    let gradient = try program.run(["input": ones], state: program.state(weights))["gradient"]
    let values = gradient?.scalars(as: Float.self) ?? []
    return (0..<Self.length).count { place in
      stride(from: place, to: values.count, by: Self.length).contains { values[$0] != 0 }
    }
  }
}

/// Sequences of four symbols, half of which have the same symbol in the middle and 25 places after it.
enum SequencePair {
  static func draw(_ count: Int, seed: UInt64) throws -> TensorDataset {
    var random = RandomStream(seed: seed, "sequences", 0)
    let (length, middle) = (DilatedNetwork.length, DilatedNetwork.length / 2)
    var values = [Float](repeating: 0, count: count * 4 * length)
    var labels: [Int32] = []
    for index in 0..<count {
      var symbols = (0..<length).map { _ in Int.random(in: 0..<4, using: &random) }
      let isSame = index % 2 == 0
      let other = (symbols[middle] + Int.random(in: 1..<4, using: &random)) % 4
      symbols[middle + 25] = isSame ? symbols[middle] : other
      labels.append(isSame ? 1 : 0)
      for (place, symbol) in symbols.enumerated() {
        values[(index * 4 + symbol) * length + place] = 1
      }
    }
    return try TensorDataset(
      inputs: HostTensor(values, shape: [count, 4, 1, length]), labels: labels,
      classNames: ["different", "same"])
  }
}
