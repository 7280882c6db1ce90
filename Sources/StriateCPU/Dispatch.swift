import StriateCore
import StriateIR

extension Lowering {
  /// The kernel for a node by itself; the one place that names every op.
  mutating func lowerSingle(_ node: Node) throws {
    switch node.op {
    case .unary, .binary, .compare, .select, .convert: try lowerElementwise(node)
    case .reduce(let op): try lowerReduce(op, node)
    case .argMax(let op): try lowerArgMax(op, node)
    case .matmul, .convolution: try lowerAffine([node], AffineTail())
    case .convolutionBackwardInput(let op): try lowerInputGradient(op, node)
    case .convolutionBackwardFilter: try lowerFilterGradient(node, bias: nil)
    case .maxPool(let op): try lowerMaxPool(op, node)
    case .maxPoolBackward(let op): try lowerMaxPoolBackward(op, node)
    case .averagePool(let op): try lowerAveragePool(op, node)
    case .averagePoolBackward(let op): try lowerAveragePoolBackward(op, node)
    case .maxPoolWithIndices(let op): try lowerMaxPoolWithIndices(op, node)
    case .maxUnpool: try lowerMaxUnpool(node)
    case .maxUnpoolBackward: try lowerMaxUnpoolBackward(node)
    case .standardize(let op): try lowerStandardize(op, node)
    case .standardizeBackward: try lowerStandardizeBackward(node)
    case .localResponse(let op): try lowerLocalResponse(op, node)
    case .localResponseBackward(let op): try lowerLocalResponse(op.rule, node)
    case .resize(let op): try lowerResize(op, node)
    case .resizeBackward(let op): try lowerResizeBackward(op, node)
    case .batchNorm: try lowerBatchNorm([node], BatchNormTail())
    case .batchNormBackward:
      try lowerBatchNormBackward([node], BatchNormGradient(parts: [node.inputs[4]]))
    case .softmax(let op): try lowerSoftmax(op, node)
    case .crossEntropy(let op): try lowerCrossEntropy(op, node)
    case .crossEntropyBackward(let op): try lowerCrossEntropyBackward(op, node)
    case .transpose(let op): try lowerTranspose(op, node)
    case .slice(let op): try lowerSlice(op, node)
    case .pad(let op): try lowerPad(op, node)
    case .concat(let op): try lowerConcat(op, node)
    case .random(let op): try lowerRandom(op, node)
    case .cumulativeSum(let op): try lowerCumulativeSum(op, node)
    case .gather(let op): try lowerGather(op, node)
    case .scatterAdd(let op): try lowerScatterAdd(op, node)
    case .gatherAlong(let op): try lowerGatherAlong(op, node)
    case .scatterAddAlong(let op): try lowerScatterAddAlong(op, node)
    case .topK(let op): try lowerTopK(op, node)
    case .reverse(let op): try lowerReverse(op, node)
    case .straightThrough: try lowerStraightThrough(node)
    case .quantize(let op): try lowerQuantize(op, node)
    case .dequantize(let op): try lowerDequantize(op, node)
    case .quantizedConvolution(let op): try lowerQuantizedConvolution(op, node)
    case .custom: try interpret(node, because: "a custom op computes on the host")
    case .constant, .fill, .reshape, .broadcast: break  // made when they are read
    }
  }

  /// Whether all of a node's values are of the types that our kernels compute in.
  func isSinglePrecision(_ node: Node) -> Bool {
    (node.inputs + node.outputs).allSatisfy { graph.type($0).dtype == .float32 }
  }

  /// Why no kernel takes a node: what its values are, if kernels take so many axes.
  func reason(against node: Node, axes limit: Int = .max) -> String {
    let types = (node.inputs + node.outputs).map(graph.type)
    if let wide = types.first(where: { $0.shape.rank > limit }) {
      return "no kernel for \(node.op.name) of \(wide.shape.rank) axes"
    }
    if types.contains(where: { $0.dtype == .float64 }) { return "float64 runs in the interpreter" }
    if let other = types.first(where: { $0.dtype != .float32 }) {
      return "no kernel for \(node.op.name) of \(other.dtype)"
    }
    return "no kernel for \(node.op.name) without elements"
  }
}
