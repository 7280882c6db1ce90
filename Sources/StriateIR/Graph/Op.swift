import StriateCore

/// Every operation there is, with its attributes.
///
/// The enum is closed: a backend that lacks a case does not compile. One value carries an op's attributes
/// to its shape rule, gradient, cost and every lowering.
public enum Op: Sendable, Hashable {
  case constant(Constant)
  case fill(Fill)
  case random(Random)
  case unary(Unary)
  case binary(Binary)
  case compare(Compare)
  case select(Select)
  case convert(Convert)
  case reduce(Reduce)
  case argMax(ArgMax)
  case cumulativeSum(CumulativeSum)
  case gather(Gather)
  case scatterAdd(ScatterAdd)
  case gatherAlong(GatherAlong)
  case scatterAddAlong(ScatterAddAlong)
  case topK(TopK)
  case matmul(MatMul)
  case convolution(Convolution)
  case convolutionBackwardInput(ConvolutionBackwardInput)
  case convolutionBackwardFilter(ConvolutionBackwardFilter)
  case maxPool(MaxPool)
  case maxPoolBackward(MaxPoolBackward)
  case averagePool(AveragePool)
  case averagePoolBackward(AveragePoolBackward)
  case maxPoolWithIndices(MaxPoolWithIndices)
  case maxUnpool(MaxUnpool)
  case maxUnpoolBackward(MaxUnpoolBackward)
  case standardize(Standardize)
  case standardizeBackward(StandardizeBackward)
  case localResponse(LocalResponse)
  case localResponseBackward(LocalResponseBackward)
  case resize(Resize)
  case resizeBackward(ResizeBackward)
  case batchNorm(BatchNorm)
  case batchNormBackward(BatchNormBackward)
  case softmax(Softmax)
  case crossEntropy(CrossEntropy)
  case crossEntropyBackward(CrossEntropyBackward)
  case reshape(Reshape)
  case transpose(Transpose)
  case broadcast(Broadcast)
  case slice(Slice)
  case pad(Pad)
  case concat(Concat)
  case reverse(Reverse)
  case straightThrough(StraightThrough)
  case quantize(Quantize)
  case dequantize(Dequantize)
  case quantizedConvolution(QuantizedConvolution)
  case custom(Custom)

  /// The attributes together with shape rule, gradient and cost.
  public var rule: any OpRule {
    switch self {
    case .constant(let rule): rule
    case .fill(let rule): rule
    case .random(let rule): rule
    case .unary(let rule): rule
    case .binary(let rule): rule
    case .compare(let rule): rule
    case .select(let rule): rule
    case .convert(let rule): rule
    case .reduce(let rule): rule
    case .argMax(let rule): rule
    case .cumulativeSum(let rule): rule
    case .gather(let rule): rule
    case .scatterAdd(let rule): rule
    case .gatherAlong(let rule): rule
    case .scatterAddAlong(let rule): rule
    case .topK(let rule): rule
    case .matmul(let rule): rule
    case .convolution(let rule): rule
    case .convolutionBackwardInput(let rule): rule
    case .convolutionBackwardFilter(let rule): rule
    case .maxPool(let rule): rule
    case .maxPoolBackward(let rule): rule
    case .averagePool(let rule): rule
    case .averagePoolBackward(let rule): rule
    case .maxPoolWithIndices(let rule): rule
    case .maxUnpool(let rule): rule
    case .maxUnpoolBackward(let rule): rule
    case .standardize(let rule): rule
    case .standardizeBackward(let rule): rule
    case .localResponse(let rule): rule
    case .localResponseBackward(let rule): rule
    case .resize(let rule): rule
    case .resizeBackward(let rule): rule
    case .batchNorm(let rule): rule
    case .batchNormBackward(let rule): rule
    case .softmax(let rule): rule
    case .crossEntropy(let rule): rule
    case .crossEntropyBackward(let rule): rule
    case .reshape(let rule): rule
    case .transpose(let rule): rule
    case .broadcast(let rule): rule
    case .slice(let rule): rule
    case .pad(let rule): rule
    case .concat(let rule): rule
    case .reverse(let rule): rule
    case .straightThrough(let rule): rule
    case .quantize(let rule): rule
    case .dequantize(let rule): rule
    case .quantizedConvolution(let rule): rule
    case .custom(let rule): rule
    }
  }

  /// The operation's name in messages and listings.
  public var name: String { rule.name }
}

/// What an operation means: its shape rule, its gradient and its cost.
public protocol OpRule: Sendable, Hashable {
  /// The name in messages and listings.
  var name: String { get }

  /// The types of the results; total: whatever the operands are, it returns or throws.
  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType]

  /// The gradient of each input, built from other operations; nil where none flows.
  func vjp(_ context: VJP) -> [Tensor?]

  /// The curvature of each input from that of the first result; nil where none flows.
  ///
  /// - Parameters:
  ///   - bend: the second derivative of the loss in each element of the result.
  ///   - context: the operands and results, and the result's gradient where one arrived.
  func curvature(_ bend: Tensor, _ context: VJP) -> [Tensor?]

  /// The work of one execution.
  func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost
}

extension OpRule {
  /// By default an op reads its inputs, writes its outputs and multiplies nothing.
  public func cost(_ inputs: [TensorType], _ outputs: [TensorType]) -> Cost {
    Cost(inputs: inputs, outputs: outputs)
  }
}

/// What a gradient rule may read.
public struct VJP {
  /// The node's operands.
  public let inputs: [Tensor]
  /// The node's results.
  public let outputs: [Tensor]
  /// The gradient of each result; nil where none arrived.
  public let cotangents: [Tensor?]

  /// Records that this derivative is not defined, and poisons the gradient.
  public func undefined(_ op: String) -> [Tensor?] {
    guard let first = inputs.first else { return [] }
    let poisoned = first.builder.refuse(
      op,
      "its derivative is not defined: the op is itself a gradient that only the first order uses",
      operands: inputs)
    return inputs.map { _ in poisoned }
  }
}

/// Why a shape rule refused its operands.
public struct ShapeError: Error, Sendable {
  /// What was expected and what was found.
  public let message: String

  /// A refusal with its reason.
  public init(_ message: String) { self.message = message }
}

/// Throws a refusal unless the condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(ShapeError) {
  if !condition { throw ShapeError(message()) }
}

/// Throws a refusal unless there are exactly this many operands, each of a possible shape.
func expect(operands count: Int, _ inputs: [TensorType]) throws(ShapeError) {
  try expect(inputs.count == count, "takes \(count) operands, found \(inputs.count)")
  for type in inputs {
    try expect(!type.shape.dims.contains { $0 < 0 }, "\(type) has a negative extent")
  }
}

/// The work of an operation.
public struct Cost: Sendable, Hashable {
  /// Multiply–accumulate operations; a FLOP count is twice this.
  public var macs = 0
  /// Bytes read and written if every operand travels once.
  public var bytes = 0

  /// A cost of these counts.
  public init(macs: Int = 0, bytes: Int = 0) {
    self.macs = macs
    self.bytes = bytes
  }

  init(macs: Int = 0, inputs: [TensorType], outputs: [TensorType]) {
    self.macs = macs
    bytes = (inputs + outputs).reduce(0) { $0.addingSaturated($1.byteCount) }
  }

  /// The sum, saturating.
  public static func + (a: Cost, b: Cost) -> Cost {
    Cost(macs: a.macs.addingSaturated(b.macs), bytes: a.bytes.addingSaturated(b.bytes))
  }
}

extension Int {
  package func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  package func multipliedSaturated(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
