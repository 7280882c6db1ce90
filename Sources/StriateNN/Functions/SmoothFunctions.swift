import StriateCore
import StriateIR

/// `x · Φ(x)`, Φ the normal distribution's (Hendrycks and Gimpel, 2016).
///
/// With `approximate`, `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))`.
public func gelu(_ x: Tensor, approximate: Bool = false) -> Tensor {
  if approximate {
    let inner = (x + x * square(x) * 0.044715) * (2 / Double.pi).squareRoot()
    return x * (tanh(inner) + 1.0) * 0.5
  }
  return x * (erf(x * 0.5.squareRoot()) + 1.0) * 0.5
}

/// `x · σ(x)`, also called swish (Elfwing, Uchibe and Doya, 2017).
public func silu(_ x: Tensor) -> Tensor { x * sigmoid(x) }

/// `x · tanh(softplus(x))` (Misra, 2019).
public func mish(_ x: Tensor) -> Tensor { x * tanh(softplus(x)) }

/// `log(1 + e^(βx)) / β`, a smooth rectifier; `x` itself where `βx` exceeds the threshold.
///
/// Dugas et al., 2001; PyTorch's threshold. It overflows nowhere.
public func softplus(_ x: Tensor, beta: Double = 1, threshold: Double = 20) -> Tensor {
  let z = beta == 1 ? x : x * beta
  let y = maximum(z, 0.0) + log1p(exp(-abs(z)))
  return select(z .> threshold, x, beta == 1 ? y : y * (1 / beta))
}

/// `log σ(x) = −log(1 + e⁻ˣ)`, which overflows nowhere.
public func logSigmoid(_ x: Tensor) -> Tensor { minimum(x, 0.0) - log1p(exp(-abs(x))) }

/// `x / (1 + |x|)` (Bergstra et al., 2009).
public func softsign(_ x: Tensor) -> Tensor { x / (abs(x) + 1.0) }

/// `1.7159 · tanh(2x/3)`, which maps ±1 to ±1 (LeCun et al., "Efficient BackProp", 1998, section 4.4).
public func scaledTanh(_ x: Tensor) -> Tensor { tanh(x * (2.0 / 3)) * 1.7159 }
