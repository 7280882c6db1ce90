import StriateCore
import StriateIR

/// The sums are exact: products of 8-bit numbers, no more than an int32 holds, in Doubles.
func quantizedConvolution(_ rule: QuantizedConvolution, _ arguments: Arguments) -> Value {
  let result = arguments.results[0]
  let zero = Double(rule.input.zeroPoint[0])
  let x = Value.reals(arguments.reals(0).map { $0 - zero })
  let sums = integerSums(rule, x, arguments).reals
  let bias = rule.hasBias ? arguments.reals(2) : nil
  let residual = rule.residual.map { how in
    arguments.reals(rule.residualPosition).map { how.scale[0] * ($0 - Double(how.zeroPoint[0])) }
  }
  let plane = result.shape.dims.dropFirst(2).reduce(1, *)
  let scales = rule.filter.scale.map { $0 * rule.input.scale[0] }
  let values = sums.indices.map { i -> Double in
    let channel = i / plane % result.shape[1]
    var value = scales[channel] * sums[i]
    if let bias { value += bias[channel] }
    if let residual { value += residual[i] }
    return rule.relu ? max(value, 0) : value
  }
  guard let how = rule.output else { return .reals(values) }
  return .integers(values.map { how.integer($0, scale: how.scale[0], zero: how.zeroPoint[0]) })
}

/// `Σ x · w`; a fully connected layer is a convolution of vectors of one element.
private func integerSums(
  _ rule: QuantizedConvolution, _ x: Value, _ arguments: Arguments
) -> Value {
  func type(_ type: TensorType) -> TensorType {
    TensorType(.float64, rule.isLinear ? Shape(type.shape.dims + [1]) : type.shape)
  }
  var convolution = rule.convolution
  if rule.isLinear { convolution.window = Window(kernel: [1]) }
  return StriateRuntime.convolution(
    convolution,
    Arguments(
      values: [x, arguments.values[1]], types: arguments.types.prefix(2).map(type),
      results: arguments.results.map(type)))
}
