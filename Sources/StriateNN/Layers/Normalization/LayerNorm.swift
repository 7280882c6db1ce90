import StriateCore
import StriateIR

/// Zero mean and unit variance over the last axes of each sample (Ba, Kiros and Hinton, 2016).
///
/// `[…, features]` → the same. The same in training and in use. Keys `weight` and `bias`, of the extents of the
/// normalised axes.
public struct LayerNorm: Layer {
  private let id = LayerID()
  /// The scale of each feature; nil where nothing is learned.
  public let weight: Parameter?
  /// The shift of each feature.
  public let bias: Parameter?
  /// The extents of the axes that are normalised together.
  public let features: [Int]
  /// What is added to the variance.
  public let epsilon: Double

  /// A normalisation over axes of these extents.
  public init(_ features: [Int], epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true) {
    let fault =
      features.isEmpty || features.contains { $0 < 1 }
      ? "LayerNorm takes the extents of at least one axis, found \(features)" : nil
    let shape = fault == nil ? Shape(features) : [1]
    weight = affine ? Parameter(shape, initializer: .ones, fault: fault) : nil
    self.bias = affine && bias ? Parameter(shape, initializer: .zeros, fault: fault) : nil
    self.features = features
    self.epsilon = epsilon
  }

  /// A normalisation over a last axis of this extent.
  public init(_ features: Int, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true) {
    self.init([features], epsilon: epsilon, affine: affine, bias: bias)
  }

  /// Maps `[…, features]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    if let weight, weight.fault != nil { return x.builder.read(weight) }
    if x.isPoisoned { return x }
    guard !features.isEmpty, Array(x.shape.dims.suffix(features.count)) == features else {
      return x.builder.refuse(
        "layer_norm", "takes last axes of extents \(features), found \(x.type)", operands: [x])
    }
    return layerNorm(x, axes: features.count, scale: weight, shift: bias, epsilon: epsilon)
  }
}
