import StriateCore
import StriateIR

/// A fully connected layer: `y = x · weightᵀ + bias`.
///
/// `[…, in]` → `[…, out]`, any leading axes. Keys `weight` `[out, in]` and, where there is one, `bias` `[out]`.
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
  ///   - biases: how what is added to the outputs starts.
  public init(
    in inputs: Int, out outputs: Int, bias: Bool = true, weights: Initializer = .he(),
    biases: Initializer = .zeros
  ) {
    let fault =
      inputs < 1 || outputs < 1
      ? "Linear takes and gives at least one feature, found in: \(inputs), out: \(outputs)" : nil
    let shape: Shape = fault == nil ? [outputs, inputs] : [1, 1]
    weight = Parameter(shape, initializer: weights, fault: fault)
    self.bias = bias ? Parameter([shape[0]], initializer: biases, fault: fault) : nil
  }

  /// Maps `[…, in]` to `[…, out]`.
  public func forward(_ x: Tensor) -> Tensor {
    let matrix = x.builder.read(weight)
    if x.isPoisoned || matrix.isPoisoned { return x.isPoisoned ? x : matrix }
    guard x.shape.rank >= 1, x.shape[-1] == matrix.shape[1] else {
      return x.builder.refuse(
        "linear", "takes features […, \(matrix.shape[1])], found \(x.type)", operands: [x])
    }
    let rows = x.reshaped([Shape(Array(x.shape.dims.dropLast())).count, x.shape[-1]])
    var y = matmul(rows, matrix, transposingRight: true)
    if let bias { y = y + bias }
    return y.reshaped(Shape(x.shape.dims.dropLast() + [matrix.shape[0]]))
  }
}
