import StriateCore
import StriateIR

/// A learned vector for each of a number of symbols (Bengio et al., 2003).
///
/// Symbol numbers `[…]` (integers) → `[…, features]`; a number without a vector gives NaN, which training
/// reports. Key `weight` `[symbols, features]`.
public struct Embedding: Layer {
  /// The vectors `[symbols, features]`.
  public let weight: Parameter

  /// An embedding; impossible extents are reported when a program reads the layer.
  public init(_ symbols: Int, features: Int, weights: Initializer = .normal()) {
    let fault =
      symbols < 1 || features < 1
      ? "Embedding takes at least one symbol and feature, found \(symbols) and \(features)" : nil
    weight = Parameter(
      fault == nil ? [symbols, features] : [1, 1], initializer: weights, fault: fault)
  }

  /// Maps symbol numbers `[…]` to vectors `[…, features]`.
  public func forward(_ x: Tensor) -> Tensor {
    let vectors = x.builder.read(weight)
    if x.isPoisoned || vectors.isPoisoned { return x.isPoisoned ? x : vectors }
    guard x.dtype == .int32 || x.dtype == .int64 else {
      return x.builder.refuse(
        "embedding", "takes symbol numbers (i32), found \(x.type)", operands: [x])
    }
    return vectors.gather(x.converted(to: .int32), axis: 0)
  }
}
