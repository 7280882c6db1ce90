import StriateCore

/// `y = eˣ / Σ eˣ` along an axis, or its logarithm; the greatest element is subtracted first.
public struct Softmax: OpRule {
  /// The axis along which the results sum to 1, counted from the front.
  public var axis: Int
  /// Whether the logarithm is taken, without computing the quotient first.
  public var isLog: Bool

  /// A softmax along an axis.
  public init(axis: Int, isLog: Bool = false) {
    self.axis = axis
    self.isLog = isLog
  }

  public var name: String { isLog ? "log_softmax" : "softmax" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 1, inputs)
    let type = inputs[0]
    try expect(type.dtype.isFloatingPoint, "takes floating point, found \(type.dtype)")
    try expect(axis >= 0 && axis < type.shape.rank, "there is no axis \(axis) in \(type.shape)")
    return inputs
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil] }
    let y = context.outputs[0]
    if isLog {
      return [dy - exp(y) * dy.sum(over: [axis], keepingAxes: true)]
    }
    return [y * (dy - (dy * y).sum(over: [axis], keepingAxes: true))]
  }
}

/// Cross-entropy of a softmax against class numbers, a loss a row: `(logits [N, C], labels i32 [N]) → [N]`.
///
/// `loss = logΣeˣ − (1 − s)·x[label] − s/C·Σx`, `s` the label smoothing (Szegedy et al., 2016). A label that is
/// no class gives NaN, which training reports; the one label to ignore gives 0 and no gradient.
public struct CrossEntropy: OpRule {
  /// The share of the target that is spread over all classes.
  public var smoothing: Double
  /// The label whose rows do not count, class or not.
  public var ignored: Int?

  /// A loss with this label smoothing.
  public init(smoothing: Double = 0, ignoring ignored: Int? = nil) {
    self.smoothing = smoothing
    self.ignored = ignored
  }

  public var name: String { "cross_entropy" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 2, inputs)
    try expect(smoothing >= 0 && smoothing < 1, "smoothing must lie in [0, 1), found \(smoothing)")
    try expect(
      inputs[0].dtype.isFloatingPoint && inputs[0].shape.rank == 2 && inputs[0].shape[1] > 0,
      "takes logits [N, C], found \(inputs[0])")
    try expect(
      inputs[1] == TensorType(.int32, [inputs[0].shape[0]]),
      "takes a label for each of the \(inputs[0].shape[0]) rows, found \(inputs[1])")
    return [TensorType(inputs[0].dtype, [inputs[0].shape[0]])]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    let op = Op.crossEntropyBackward(CrossEntropyBackward(smoothing: smoothing, ignoring: ignored))
    return [dy.builder.one(op, context.inputs[0], context.inputs[1], dy), nil]
  }
}

/// The gradient of `CrossEntropy`: `(logits, labels, dLoss [N]) → dLogits`.
///
/// `dx = dLoss · (softmax(x) − (1 − s)·onehot − s/C)`.
public struct CrossEntropyBackward: OpRule {
  /// The share of the target that is spread over all classes.
  public var smoothing: Double
  /// The label whose rows do not count, class or not.
  public var ignored: Int?

  /// The gradient of a loss with this label smoothing.
  public init(smoothing: Double, ignoring ignored: Int? = nil) {
    self.smoothing = smoothing
    self.ignored = ignored
  }

  public var name: String { "cross_entropy_backward" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(operands: 3, inputs)
    let loss = try CrossEntropy(smoothing: smoothing).infer([inputs[0], inputs[1]])[0]
    try expect(inputs[2] == loss, "takes the loss's gradient as \(loss), found \(inputs[2])")
    return [inputs[0]]
  }

  public func vjp(_ context: VJP) -> [Tensor?] { context.undefined(name) }
}

/// `eˣ / Σ eˣ` along an axis, the last one by default.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  x.builder.one(.softmax(Softmax(axis: x.shape.normalized(axis: axis) ?? axis)), x)
}

/// The logarithm of softmax along an axis, the last one by default.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  x.builder.one(.softmax(Softmax(axis: x.shape.normalized(axis: axis) ?? axis, isLog: true)), x)
}

/// The cross-entropy of logits `[N, C]` or `[N, C, …]` against the classes `[N]` or `[N, …]`, a loss each.
///
/// A row whose label is the one to ignore has the loss 0 and no gradient; any other label that is no class
/// has the loss NaN.
public func crossEntropy(
  _ logits: Tensor, labels: Tensor, smoothing: Double = 0, ignoring ignored: Int? = nil
) -> Tensor {
  let op = Op.crossEntropy(CrossEntropy(smoothing: smoothing, ignoring: ignored))
  let rank = logits.shape.rank
  guard !logits.isPoisoned, rank > 2, labels.shape.rank == rank - 1, logits.shape[1] > 0 else {
    return logits.builder.one(op, logits, labels)
  }
  let count = labels.shape.count
  let rows = logits.transposed([0] + Array(2..<rank) + [1]).reshaped([count, logits.shape[1]])
  return logits.builder.one(op, rows, labels.reshaped([count])).reshaped(labels.shape)
}
