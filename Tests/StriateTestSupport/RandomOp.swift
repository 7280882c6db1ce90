import StriateCore
import StriateIR

/// Garbage that a file or a user could hand to a shape rule.
///
/// Extents of any size and sign, lists of any length, every op. Shape rules must refuse it or answer; they must never trap.
public struct Garbage {
  private var random: RandomStream
  private var isTame = false
  private static let extents = [
    0, 1, 2, 3, 4, 5, 7, 8, -1, -3, 1 << 20, 1 << 24, 1 << 31, 1 << 40, .max, .min, .max - 1,
  ]

  /// Garbage of a seed.
  public init(seed: UInt64) { random = RandomStream(seed: seed, "garbage") }

  /// Chooses whether what follows is plausible, so that accepted combinations occur, or absurd.
  public mutating func begin() { isTame = small(0..<2) == 0 }

  /// An extent: mostly small, sometimes absurd.
  public mutating func extent() -> Int {
    if isTame { return Int.random(in: 1...3, using: &random) }
    if Int.random(in: 0..<4, using: &random) > 0 { return Int.random(in: 1...6, using: &random) }
    return Garbage.extents[Int.random(in: 0..<Garbage.extents.count, using: &random)]
  }

  /// A list of extents.
  public mutating func extents(_ count: Int? = nil) -> [Int] {
    let count = count ?? Int.random(in: 0...5, using: &random)
    return (0..<count).map { _ in extent() }
  }

  /// A small number.
  public mutating func small(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

  /// A type.
  public mutating func type(rank: Int? = nil) -> TensorType {
    let dtype: DType =
      small(0..<3) > 0 ? .float32 : DType.allCases[small(0..<DType.allCases.count)]
    return TensorType(dtype, Shape(extents(rank)))
  }

  /// Operands of an op: mostly what it wants, sometimes one of them spoilt, sometimes anything.
  public mutating func operands(of op: Op, _ first: TensorType) -> [TensorType] {
    var types = plausible(op, first)
    switch small(0..<8) {
    case 0: return (0..<small(0..<6)).map { _ in type() }
    case 1:
      if !types.isEmpty { types[small(0..<types.count)].shape.dims.append(extent()) }
    case 2:
      let victim = small(0..<max(types.count, 1))
      if types.indices.contains(victim), types[victim].shape.rank > 0 {
        types[victim].shape.dims[small(0..<types[victim].shape.rank)] = extent()
      }
    default: break
    }
    return types
  }

  private func plausible(_ op: Op, _ first: TensorType) -> [TensorType] {
    func like(_ dims: [Int]) -> TensorType { TensorType(first.dtype, Shape(dims)) }
    func filter(_ rule: Convolution) -> TensorType {
      let channels = rule.groups > 0 ? first.shape[1] / rule.groups : 1
      return like(
        [rule.groups.multipliedReportingOverflow(by: 2).partialValue, channels] + rule.window.kernel
      )
    }
    func result(_ op: Op, _ inputs: [TensorType]) -> TensorType {
      (try? op.rule.infer(inputs))?.first ?? first
    }
    let channels = like([first.shape[1]])
    let labels = TensorType(.int32, [first.shape[0]])
    switch op {
    case .constant, .fill: return []
    case .random: return [TensorType(.int64, [2])]
    case .unary, .convert, .reduce, .argMax, .softmax, .reshape, .transpose, .broadcast, .slice,
      .pad, .maxPool, .averagePool, .averagePoolBackward:
      return [first]
    case .binary, .compare, .concat: return [first, first]
    case .matmul: return [first, first]
    case .select: return [TensorType(.bool, first.shape), first, first]
    case .convolution(let rule): return [first, filter(rule)]
    case .convolutionBackwardInput(let rule):
      let x = like([first.shape[0], first.shape[1]] + rule.spatial)
      let w = filter(rule.convolution)
      return [result(.convolution(rule.convolution), [x, w]), w]
    case .convolutionBackwardFilter(let rule):
      return [first, result(.convolution(rule.convolution), [first, filter(rule.convolution)])]
    case .maxPoolBackward(let rule):
      let y = result(.maxPool(MaxPool(rule.window)), [first])
      return [first, y, y]
    case .batchNorm: return [first, channels, channels]
    case .batchNormBackward: return [first, channels, channels, channels, first]
    case .cumulativeSum, .topK, .reverse, .quantize, .dequantize: return [first]
    case .straightThrough: return [first, first]
    case .gather: return [first, TensorType(.int32, [2, 3])]
    case .scatterAdd(let rule): return [first, TensorType(.int32, [first.shape[rule.axis]])]
    case .gatherAlong, .scatterAddAlong: return [first, TensorType(.int32, first.shape)]
    case .custom, .quantizedConvolution: return [first, first]
    case .crossEntropy: return [first, labels]
    case .crossEntropyBackward: return [first, labels, like([first.shape[0]])]
    case .maxPoolWithIndices, .maxUnpool, .maxUnpoolBackward, .standardize, .standardizeBackward,
      .localResponse, .localResponseBackward, .resize, .resizeBackward:
      return Garbage.spatialOperands(of: op, first)
    }
  }

  /// A window over so many axes, or over any number of them.
  public mutating func window(_ axes: Int) -> Window {
    let axes = small(0..<8) == 0 ? small(0..<5) : axes
    return Window(
      kernel: extents(axes), stride: small(0..<2) == 0 ? nil : extents(axes),
      padLow: small(0..<2) == 0 ? nil : extents(small(0..<9) == 0 ? 1 : axes),
      padHigh: small(0..<2) == 0 ? nil : extents(axes),
      dilation: small(0..<2) == 0 ? nil : extents(axes))
  }

  /// A number: ordinary or not.
  public mutating func number() -> Double {
    [0, 0.5, -1, 1, .nan, .infinity, -.infinity, 1e300][small(0..<8)]
  }

  /// Any op with garbage for attributes.
  public mutating func op(_ shape: Shape) -> Op {
    if small(0..<4) == 0 { return spatialOp(shape) }
    let rank = shape.rank
    let axes = max(rank - 2, 0)
    let convolution = Convolution(window(axes), groups: extent())
    switch small(0..<40) {
    case 0: return .constant(Constant(HostTensor(zeros: TensorType(.float32, [2, 3]))))
    case 1: return .fill(Fill(number(), type()))
    case 2: return .random(Random(.normal, shape: Shape(extents()), stream: 1))
    case 3: return .unary(Unary(Unary.Kind.allCases[small(0..<Unary.Kind.allCases.count)]))
    case 4: return .binary(Binary(Binary.Kind.allCases[small(0..<Binary.Kind.allCases.count)]))
    case 5: return .compare(Compare(.less))
    case 6: return .select(Select())
    case 7: return .convert(Convert(DType.allCases[small(0..<DType.allCases.count)]))
    case 8: return .reduce(Reduce(Reduce.Kind.allCases[small(0..<5)], axes: extents(small(0..<4))))
    case 9: return .argMax(ArgMax(axis: extent(), isLeast: small(0..<2) == 0))
    case 10:
      return .matmul(MatMul(transposesLeft: small(0..<2) == 0, transposesRight: small(0..<2) == 0))
    case 11: return .convolution(convolution)
    case 12:
      let spatial = extents(small(0..<4) == 0 ? nil : axes)
      return .convolutionBackwardInput(ConvolutionBackwardInput(convolution, spatial: spatial))
    case 13: return .convolutionBackwardFilter(ConvolutionBackwardFilter(convolution))
    case 14: return .maxPool(MaxPool(window(axes)))
    case 15: return .maxPoolBackward(MaxPoolBackward(window(axes)))
    case 16: return .averagePool(AveragePool(window(axes), countsPadding: small(0..<2) == 0))
    case 17:
      return .averagePoolBackward(
        AveragePoolBackward(window(axes), countsPadding: true, spatial: extents(axes)))
    case 18: return .batchNorm(BatchNorm(epsilon: number()))
    case 19: return .batchNormBackward(BatchNormBackward(epsilon: number()))
    case 20: return .softmax(Softmax(axis: extent(), isLog: small(0..<2) == 0))
    case 21: return .crossEntropy(CrossEntropy(smoothing: number(), ignoring: extent()))
    case 22: return .crossEntropyBackward(CrossEntropyBackward(smoothing: number()))
    case 23: return .reshape(Reshape(Shape(extents())))
    case 24:
      let order = small(0..<2) == 0 ? Array((0..<rank).reversed()) : extents(rank)
      return .transpose(Transpose(order))
    case 25: return .broadcast(Broadcast(Shape(extents(small(0..<3)) + shape.dims)))
    case 26:
      return .slice(Slice(start: extents(rank), end: extents(rank), step: extents(rank)))
    case 27:
      return .pad(
        Pad(low: extents(rank), high: extents(rank), interior: extents(rank), value: number()))
    case 28: return .concat(Concat(axis: extent()))
    default: return recentOp()
    }
  }

  /// Any op of indexing, scanning, sorting, quantising and the like, with garbage for attributes.
  private mutating func recentOp() -> Op {
    let axis = small(0..<2) == 0 ? small(0..<3) : extent()
    let missing: Gather.Missing = small(0..<2) == 0 ? .nan : .zero
    switch small(0..<12) {
    case 0: return .cumulativeSum(CumulativeSum(axis: axis, isReversed: small(0..<2) == 0))
    case 1: return .gather(Gather(axis: axis, missing: missing))
    case 2: return .scatterAdd(ScatterAdd(axis: axis, extent: extent()))
    case 3: return .gatherAlong(GatherAlong(axis: axis, missing: missing))
    case 4: return .scatterAddAlong(ScatterAddAlong(axis: axis, extent: extent()))
    case 5: return .topK(TopK(extent(), axis: axis, isLeast: small(0..<2) == 0))
    case 6: return .reverse(Reverse(axes: extents(small(0..<3))))
    case 7: return .straightThrough(StraightThrough())
    case 8: return .quantize(Quantize(quantization()))
    case 9: return .dequantize(Dequantize(quantization()))
    case 10:
      return .quantizedConvolution(
        QuantizedConvolution(
          Convolution(window(small(0..<4)), groups: extent()), input: quantization(),
          filter: quantization(),
          output: small(0..<2) == 0 ? quantization() : nil, hasBias: small(0..<2) == 0,
          residual: small(0..<2) == 0 ? quantization() : nil, relu: small(0..<2) == 0))
    default: return .custom(Custom(ScaledSum(scale: number())))
    }
  }

  private mutating func quantization() -> Quantization {
    let isPlausible = small(0..<2) == 0
    let count = isPlausible ? 1 : small(0..<4)
    let dtype: DType = small(0..<2) == 0 ? .int8 : .uint8
    return Quantization(
      scale: (0..<count).map { _ in isPlausible ? 0.5 : number() },
      zeroPoint: isPlausible ? nil : extents(count), axis: isPlausible ? nil : extent(),
      dtype: isPlausible ? dtype : DType.allCases[small(0..<DType.allCases.count)],
      range: isPlausible ? nil : Swift.min(extent(), 0)...Swift.max(extent(), 0))
  }
}

/// A user's op: `scale · (a + b²)` of two operands of one type.
public struct ScaledSum: CustomOp {
  /// The factor.
  public var scale: Double

  /// A user's op with this factor.
  public init(scale: Double) { self.scale = scale }

  public var name: String { "scaled_sum" }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 2, inputs[0] == inputs[1], inputs[0].dtype.isFloatingPoint else {
      throw ShapeError("takes two operands of one type in floating point, found \(inputs)")
    }
    return [inputs[0]]
  }

  public func compute(_ inputs: [HostTensor]) throws -> [HostTensor] {
    let (a, b) = (inputs[0].scalars(as: Double.self), inputs[1].scalars(as: Double.self))
    return [try HostTensor(zip(a, b).map { scale * ($0 + $1 * $1) }, shape: inputs[0].shape)]
  }

  public func vjp(_ context: VJP) -> [Tensor?] {
    guard let dy = context.cotangents[0] else { return [nil, nil] }
    return [dy * scale, dy * context.inputs[1] * (2 * scale)]
  }
}
