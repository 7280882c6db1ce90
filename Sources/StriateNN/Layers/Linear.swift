import StriateCore
import StriateIR

/// A fully connected layer: `y = x · weightᵀ + bias`.
///
/// `[N, in]` → `[N, out]`. Keys `weight` `[out, in]` and, where there is one, `bias` `[out]`.
public struct Linear: Layer {
  /// The matrix `[out, in]`.
  public let weight: Parameter
  /// What is added to each output `[out]`.
  public let bias: Parameter?

  /// A fully connected layer; impossible widths are reported when a program reads the layer.
  ///
  /// - Parameters:
  ///   - inputs: features of the input.
  ///   - outputs: features of the output.
  ///   - weights: how the matrix starts.
  public init(
    in inputs: Int, out outputs: Int, bias: Bool = true, weights: Initializer = .he()
  ) {
    let fault =
      inputs < 1 || outputs < 1
      ? "Linear takes and gives at least one feature, found in: \(inputs), out: \(outputs)" : nil
    let shape: Shape = fault == nil ? [outputs, inputs] : [1, 1]
    weight = Parameter(shape, initializer: weights, fault: fault)
    self.bias = bias ? Parameter([shape[0]], initializer: .zeros, fault: fault) : nil
  }

  /// Maps `[N, in]` to `[N, out]`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = matmul(x, weight, transposingRight: true)
    return bias.map { y + $0 } ?? y
  }
}
