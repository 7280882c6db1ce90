import StriateCore
import StriateIR

/// Each element divided by what its neighbours in other channels amount to.
///
/// `[N, C, …]` → the same: `y[c] = x[c] / (k + alpha/size · Σ x[j]²)^beta` over `size` neighbouring channels. Alpha
/// is divided by the size, as in PyTorch and Caffe, not as in the paper, whose `α = 10⁻⁴` with `n = 5` and `k = 2`
/// is `LocalResponseNorm(5, alpha: 5e-4, k: 2)`. Krizhevsky, Sutskever and Hinton, 2012, section 3.3.
public struct LocalResponseNorm: Layer {
  private let id = LayerID()
  /// How many neighbouring channels count.
  public let size: Int
  /// The weight of their mean square.
  public let alpha: Double
  /// The exponent.
  public let beta: Double
  /// What is added before the exponent is taken.
  public let k: Double

  /// A normalisation; impossible sizes and exponents are reported when it is traced.
  public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  /// Maps `[N, C, …]` to the same.
  public func forward(_ x: Tensor) -> Tensor {
    localResponse(x, size: size, alpha: alpha, beta: beta, k: k)
  }
}
