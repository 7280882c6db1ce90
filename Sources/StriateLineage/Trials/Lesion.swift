import StriateCore

/// Blocks of a trained network of 20 layers taken out, by weights that pass their input on.
package enum Lesion {
  /// The blocks that keep their input's shape.
  package static let blocks = ["1.0", "1.1", "1.2", "2.1", "2.2", "3.1", "3.2"].map { "layer\($0)" }

  /// Weights by which a block becomes the identity of what is not negative.
  ///
  /// Of a plain block the filters become unit impulses and the normalisations nothing; the branch of a residual one is added
  /// to its input, so that it becomes zero.
  package static func identity(
    _ block: String, isPlain: Bool, in weights: NamedTensors
  ) throws -> NamedTensors {
    var changes = NamedTensors()
    func set(_ name: String, _ make: (Shape) -> [Float]) throws {
      guard let shape = weights["\(block).\(name)"]?.shape else {
        throw TensorError(.missing, "the network has no \(block).\(name)")
      }
      changes["\(block).\(name)"] = try HostTensor(make(shape), shape: shape)
    }
    func all(_ value: Float) -> (Shape) -> [Float] {
      { [Float](repeating: value, count: $0.count) }
    }
    for norm in isPlain ? ["bn1", "bn2"] : ["bn2"] {
      // Divided by the root of the variance and 1e-5.
      try set("\(norm).weight", all(isPlain ? Float(1.00001).squareRoot() : 0))
      try set("\(norm).bias", all(0))
      try set("\(norm).running_mean", all(0))
      try set("\(norm).running_var", all(1))
    }
    for convolution in isPlain ? ["conv1", "conv2"] : [] {
      try set("\(convolution).weight") { shape in
        let area = shape[2] * shape[3]
        return (0..<shape.count).map { index in
          let (output, input) = (index / (shape[1] * area), index / area % shape[1])
          return output == input && index % area == area / 2 ? 1 : 0
        }
      }
    }
    return changes
  }
}
