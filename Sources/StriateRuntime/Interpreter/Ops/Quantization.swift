import StriateCore
import StriateIR

func quantize(_ rule: Quantize, _ arguments: Arguments) -> Value {
  let how = rule.quantization
  let x = arguments.reals(0)
  return .integers(
    x.indices.map { i in
      let (scale, zero) = how.numbers(at: i, in: arguments.shape(0))
      return how.integer(x[i], scale: scale, zero: zero)
    })
}

func dequantize(_ rule: Dequantize, _ arguments: Arguments) -> Value {
  let q = arguments.values[0].integers
  return .reals(
    q.indices.map { i in
      let (scale, zero) = rule.quantization.numbers(at: i, in: arguments.shape(0))
      return scale * Double(q[i] - Int64(zero))
    })
}

extension Quantization {
  /// The integer that a number is written as; NaN as 0 is.
  func integer(_ number: Double, scale: Double, zero: Int) -> Int64 {
    if number.isNaN { return Int64(zero) }
    let steps = (number / scale).rounded(.toNearestOrEven) + Double(zero)
    return Int64(min(max(steps, Double(range.lowerBound)), Double(range.upperBound)))
  }

  /// The scale and the zero point of an element, in row order.
  fileprivate func numbers(at position: Int, in shape: Shape) -> (scale: Double, zero: Int) {
    guard let axis else { return (scale[0], zeroPoint[0]) }
    let place = position / shape.strides[axis] % shape[axis]
    return (scale[place], zeroPoint[place])
  }
}
