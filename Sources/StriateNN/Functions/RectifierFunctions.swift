import StriateCore
import StriateIR

/// `min(max(x, 0), 6)` (Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010).
public func relu6(_ x: Tensor) -> Tensor { minimum(relu(x), 6.0) }

/// `x` above zero, `slope · x` below (Maas, Hannun and Ng, 2013).
public func leakyReLU(_ x: Tensor, slope: Double = 0.01) -> Tensor {
  select(x .> 0.0, x, x * slope)
}

/// `x` above zero, `α · (eˣ − 1)` below (Clevert, Unterthiner and Hochreiter, 2016).
public func elu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  relu(x) + expm1(negativePart(x)) * alpha
}

/// An exponential unit whose outputs keep mean 0 and variance 1 (Klambauer et al., 2017).
///
/// `1.0507 · (x above zero, 1.6733 · (eˣ − 1) below)`.
public func selu(_ x: Tensor) -> Tensor {
  elu(x, alpha: 1.673_263_242_354_377_2) * 1.050_700_987_355_480_5
}

/// `x` above zero, `α · (e^(x/α) − 1)` below, with a slope of 1 at zero (Barron, 2017).
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  relu(x) + expm1(negativePart(x) / alpha) * alpha
}

/// `x` where it is not above zero, else 0, so that an exponential of it cannot overflow.
private func negativePart(_ x: Tensor) -> Tensor { select(x .> 0.0, 0.0, x) }

/// `x` clipped to a range (Collobert, 2004).
public func hardTanh(_ x: Tensor, low: Double = -1, high: Double = 1) -> Tensor {
  minimum(maximum(x, low), high)
}

/// `relu6(x + 3) / 6`, the logistic function in straight lines (Howard et al., MobileNetV3, 2019).
public func hardSigmoid(_ x: Tensor) -> Tensor { relu6(x + 3.0) * (1.0 / 6) }

/// `x · relu6(x + 3) / 6` (Howard et al., MobileNetV3, 2019, section 5.2).
public func hardSwish(_ x: Tensor) -> Tensor { x * hardSigmoid(x) }
