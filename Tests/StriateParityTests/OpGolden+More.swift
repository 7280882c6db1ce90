import StriateCore
import StriateFormats
import StriateIR

extension OpGolden {
  /// The results of the operations that have several, or that only ops_more.json names.
  func furtherResults(_ o: Operands) -> [Tensor]? {
    switch op {
    case "split": return o.x.split(axis: o.int("axis"), sizes: o.ints("sizes"))
    case "top_k":
      let (values, places) = o.x.topK(o.int("k"), axis: o.int("axis"), least: o.bool("least"))
      return [values, places]
    default: return (elements(o) ?? folded(o) ?? indexed(o) ?? arranged(o)).map { [$0] }
    }
  }

  private func elements(_ o: Operands) -> Tensor? {
    let (x, y) = (o.x, o.y)
    switch op {
    case "ceil": return ceil(x)
    case "floor": return floor(x)
    case "round": return round(x)
    case "log1p": return log1p(x)
    case "expm1": return expm1(x)
    case "remainder": return remainder(x, y)
    case "at_least": return (x .>= y).converted(to: .int32)
    case "at_most": return (x .<= y).converted(to: .int32)
    case "differs": return (x .!= y).converted(to: .int32)
    case "and": return ((x .> 0) .& (y .> 0)).converted(to: .int32)
    case "or": return ((x .> 0) .| (y .> 0)).converted(to: .int32)
    case "xor": return ((x .> 0) .^ (y .> 0)).converted(to: .int32)
    case "quantize": return x.quantized(quantization(o)).converted(to: .int32)
    case "fake_quantize": return x.fakeQuantized(quantization(o))
    default: return nil
    }
  }

  private func quantization(_ o: Operands) -> Quantization {
    let range = o.ints("range")
    return Quantization(
      scale: o.attributes["scale"]?.array?.compactMap(\.double) ?? [], zeroPoint: o.ints("zero"),
      axis: o.attributes["axis"]?.int, dtype: range[1] > 127 ? .uint8 : .int8,
      range: range[0]...range[1])
  }

  private func folded(_ o: Operands) -> Tensor? {
    let (x, axes, keeps) = (o.x, o.ints("axes"), o.bool("keep_axes"))
    switch op {
    case "min": return x.min(over: axes, keepingAxes: keeps)
    case "product": return x.product(over: axes, keepingAxes: keeps)
    case "log_sum_exp": return x.logSumExp(over: axes, keepingAxes: keeps)
    case "any": return (x .> -0.5).any(over: axes).converted(to: .int32)
    case "all": return (x .> -0.5).all(over: axes).converted(to: .int32)
    case "variance_by": return x.variance(over: axes, correction: o.int("correction"))
    case "deviation_by": return x.standardDeviation(over: axes, correction: o.int("correction"))
    case "cumulative_sum":
      return x.cumulativeSum(axis: o.int("axis"), reversed: o.bool("reverse"))
    case "arg_max": return x.argMax(axis: o.int("axis"))
    case "arg_min": return x.argMin(axis: o.int("axis"))
    case "cross_entropy_rows":
      return crossEntropy(
        x, labels: o["labels"], smoothing: o.double("label_smoothing"), ignoring: o.int("ignored"))
    default: return nil
    }
  }

  private func indexed(_ o: Operands) -> Tensor? {
    let (x, axis) = (o.x, o.int("axis"))
    switch op {
    case "gather": return x.gather(o["i"], axis: axis)
    case "gather_along": return x.gatherAlong(o["i"], axis: axis)
    case "scatter_add": return x.scatterAdd(o["i"], axis: axis, extent: o.int("extent"))
    case "scatter_add_along":
      return x.scatterAddAlong(o["i"], axis: axis, extent: o.int("extent"))
    case "sort": return x.sorted(axis: axis).values
    case "one_hot": return x.oneHot(o.int("classes"), dtype: .int32)
    default: return nil
    }
  }

  private func arranged(_ o: Operands) -> Tensor? {
    let (x, axis) = (o.x, o.int("axis"))
    switch op {
    case "reverse": return x.reversed(axes: o.ints("axes"))
    case "roll": return x.rolled(by: o.int("by"), axis: axis)
    case "tile": return x.tiled(o.ints("counts"))
    case "repeat": return x.repeated(o.int("count"), axis: axis)
    case "stack": return stack([x, o.y], axis: axis)
    case "pad_by":
      let modes: [String: PadMode] = [
        "reflect": .reflect, "replicate": .replicate, "circular": .circular,
      ]
      guard let mode = modes[o.attributes["mode"]?.string ?? ""] else { return nil }
      return x.padded(low: o.pairs("padding", 0), high: o.pairs("padding", 1), mode: mode)
    default: return nil
    }
  }
}
