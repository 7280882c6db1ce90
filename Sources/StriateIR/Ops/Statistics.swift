import StriateCore

extension Tensor {
  /// `log Σ eˣ` along axes, the greatest element taken out first; all axes by default.
  ///
  /// Where all elements are −∞ the result is −∞.
  public func logSumExp(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    if isPoisoned { return self }
    let top = stopGradient(self).max(over: axes, keepingAxes: true)
    let shift = select(abs(top) .< Double.infinity, top, 0.0)
    let sum = log(exp(self - shift).sum(over: axes, keepingAxes: true)) + shift
    let resolved = (axes ?? Array(0..<shape.rank)).compactMap { shape.normalized(axis: $0) }
    return keepingAxes || sum.isPoisoned
      ? sum : sum.reshaped(shape.reduced(axes: resolved, keepingAxes: false))
  }

  /// The variance along axes, all of them by default: `Σ (x − mean)² / (n − correction)`.
  ///
  /// A correction of 0 gives the biased variance, which batch norm divides by; 1 the unbiased one.
  public func variance(
    over axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false
  ) -> Tensor {
    if isPoisoned { return self }
    let resolved = (axes ?? Array(0..<shape.rank)).compactMap { shape.normalized(axis: $0) }
    let count = Shape(resolved.map { shape[$0] }).count
    let (divisor, overflow) = count.subtractingReportingOverflow(correction)
    guard !overflow, divisor > 0 else {
      return builder.refuse(
        "variance", "takes more than \(correction) elements a result, found \(count)",
        operands: [self])
    }
    let squares = square(self - mean(over: axes, keepingAxes: true))
    return correction == 0
      ? squares.mean(over: axes, keepingAxes: keepingAxes)
      : squares.sum(over: axes, keepingAxes: keepingAxes) * (1 / Double(divisor))
  }

  /// The square root of the variance along axes.
  public func standardDeviation(
    over axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false
  ) -> Tensor {
    sqrt(variance(over: axes, correction: correction, keepingAxes: keepingAxes))
  }
}

extension GraphBuilder {
  /// Booleans that hold with a probability, drawn from this scope's next draw.
  public func bernoulli(_ probability: Double, _ shape: Shape) -> Tensor {
    random(.uniform, shape) .< probability
  }
}
