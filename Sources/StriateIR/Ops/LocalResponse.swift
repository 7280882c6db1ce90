import StriateCore

/// Local response normalisation across channels (Krizhevsky, Sutskever and Hinton, 2012, §3.3).
///
/// `y[c] = x[c] / (k + alpha/size · Σ x[j]²)^beta`, `j` from `c − size/2` to `c + (size − 1)/2` where such
/// channels exist. Alpha is divided by the size as in PyTorch, Caffe and oneDNN; the paper's formula does not:
/// its `α = 10⁻⁴` with `n = 5` is `alpha = 5 · 10⁻⁴` here.
public struct LocalResponse: OpRule {
  /// How many neighbouring channels count.
  public var size: Int
  /// The weight of their mean square.
  public var alpha: Double
  /// The exponent.
  public var beta: Double
  /// What is added before the exponent is taken.
  public var k: Double

  /// A normalisation.
  public init(size: Int, alpha: Double, beta: Double, k: Double) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  public var name: String { "local_response" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    try check(inputs[0])
    return [inputs[0]]
  }

  func check(_ x: TensorType) throws(ShapeError) {
    try expect(
      x.dtype.isFloatingPoint && x.shape.rank >= 2, "takes floating point [N, C, …], found \(x)")
    try expect(1..<Window.limit ~= size, "the size must be at least 1, found \(size)")
    try expect(
      alpha.isFinite && beta.isFinite && k.isFinite,
      "takes finite numbers, found alpha \(alpha), beta \(beta), k \(k)")
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let op = Op.localResponseBackward(LocalResponseBackward(self))
    return [dy.builder.one(op, context.inputs[0], dy)]
  }
}

/// The gradient of `LocalResponse`: `(x, dy) → dx`.
///
/// With `s[c] = k + alpha/size · Σ x[j]²`:
/// `dx[c] = dy[c]·s[c]^−beta − 2·alpha·beta/size · x[c] · Σ dy[j]·x[j]·s[j]^(−beta − 1)`, the sum over the `j`
/// whose windows hold `c`.
public struct LocalResponseBackward: OpRule {
  /// The normalisation.
  public var rule: LocalResponse

  /// The gradient of a normalisation.
  public init(_ rule: LocalResponse) { self.rule = rule }

  public var name: String { "local_response_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try rule.check(inputs[0])
    try expect(inputs[1] == inputs[0], "takes a gradient of type \(inputs[0]), found \(inputs[1])")
    return [inputs[0]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { context.undefined(name) }
}

/// Local response normalisation across channels; alpha is divided by the size, see `LocalResponse`.
public func localResponse(
  _ x: Tensor, size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
) -> Tensor {
  x.builder.one(
    .localResponse(LocalResponse(size: size, alpha: alpha, beta: beta, k: k)), x)
}
