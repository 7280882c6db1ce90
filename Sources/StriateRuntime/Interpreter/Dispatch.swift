import StriateCore
import StriateIR

/// Executes one op on its operands.
func execute(_ op: Op, _ arguments: Arguments) throws -> [Value] {
  switch op {
  case .constant(let rule): [constant(rule)]
  case .fill(let rule): [fill(rule)]
  case .random(let rule): [random(rule, arguments)]
  case .unary(let rule): [unary(rule, arguments)]
  case .binary(let rule): [binary(rule, arguments)]
  case .compare(let rule): [compare(rule, arguments)]
  case .select: [select(arguments)]
  case .convert(let rule): [convert(rule, arguments)]
  case .reduce(let rule): [reduce(rule, arguments)]
  case .argMax(let rule): [argMax(rule, arguments)]
  case .cumulativeSum(let rule): [cumulativeSum(rule, arguments)]
  case .gather(let rule): [gather(rule, arguments)]
  case .scatterAdd(let rule): [scatterAdd(rule, arguments)]
  case .gatherAlong(let rule): [gatherAlong(rule, arguments)]
  case .scatterAddAlong(let rule): [scatterAddAlong(rule, arguments)]
  case .topK(let rule): topK(rule, arguments)
  case .matmul(let rule): [matmul(rule, arguments)]
  case .convolution(let rule): [convolution(rule, arguments)]
  case .convolutionBackwardInput(let rule): [convolutionBackwardInput(rule, arguments)]
  case .convolutionBackwardFilter(let rule): [convolutionBackwardFilter(rule, arguments)]
  case .maxPool(let rule): [maxPool(rule, arguments)]
  case .maxPoolBackward(let rule): [maxPoolBackward(rule, arguments)]
  case .averagePool(let rule): [averagePool(rule, arguments)]
  case .averagePoolBackward(let rule): [averagePoolBackward(rule, arguments)]
  case .maxPoolWithIndices(let rule): maxPoolWithIndices(rule, arguments)
  case .maxUnpool: [maxUnpool(arguments)]
  case .maxUnpoolBackward: [maxUnpoolBackward(arguments)]
  case .standardize(let rule): standardize(rule, arguments)
  case .standardizeBackward: [standardizeBackward(arguments)]
  case .localResponse(let rule): [localResponse(rule, arguments)]
  case .localResponseBackward(let rule): [localResponseBackward(rule, arguments)]
  case .resize(let rule): [resize(rule, arguments)]
  case .resizeBackward(let rule): [resizeBackward(rule, arguments)]
  case .batchNorm(let rule): batchNorm(rule, arguments)
  case .batchNormBackward(let rule): batchNormBackward(rule, arguments)
  case .softmax(let rule): [softmax(rule, arguments)]
  case .crossEntropy(let rule): [crossEntropy(rule, arguments)]
  case .crossEntropyBackward(let rule): [crossEntropyBackward(rule, arguments)]
  case .reshape: [arguments.values[0]]
  case .transpose(let rule): [transpose(rule, arguments)]
  case .broadcast(let rule): [broadcast(rule, arguments)]
  case .slice(let rule): [slice(rule, arguments)]
  case .pad(let rule): [pad(rule, arguments)]
  case .concat(let rule): [concat(rule, arguments)]
  case .reverse(let rule): [reverse(rule, arguments)]
  case .straightThrough: [arguments.values[0]]
  case .quantize(let rule): [quantize(rule, arguments)]
  case .dequantize(let rule): [dequantize(rule, arguments)]
  case .quantizedConvolution(let rule): [quantizedConvolution(rule, arguments)]
  case .custom(let rule): try custom(rule, arguments)
  }
}
