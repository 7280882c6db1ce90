import StriateCore
import StriateFormats
import StriateIR

extension OpGolden {
  /// The results of an operation of ops_spatial.json by our public functions; nil where it is none.
  func builtOnImages(_ o: Operands) -> [Tensor]? {
    let x = o.x
    let scale = inputs.contains("w") ? o["w"] : nil
    let shift = inputs.contains("b") ? o["b"] : nil
    let epsilon = o.double("eps")
    switch op {
    case "conv_transpose":
      return [
        convolutionTransposed(
          x, o["w"], stride: o.ints("stride"), padLow: o.ints("padding"),
          outputPadding: o.ints("output_padding"), dilation: o.ints("dilation"),
          groups: o.int("groups"))
      ]
    case "max_pool_with_indices":
      let (y, indices) = maxPoolWithIndices(
        x, kernel: o.ints("kernel"), stride: o.ints("stride"), padding: o.ints("padding"),
        dilation: o.ints("dilation"), ceil: o.bool("ceil"))
      return [y, indices]
    case "max_unpool":
      return [maxUnpool(o.y, indices: o["indices"], spatial: o.ints("spatial"))]
    case "adaptive_average_pool": return [adaptiveAveragePool(x, size: o.ints("size"))]
    case "adaptive_max_pool": return [adaptiveMaxPool(x, size: o.ints("size"))]
    case "adaptive_max_pool_with_indices":
      let (y, indices) = adaptiveMaxPoolWithIndices(x, size: o.ints("size"))
      return [y, indices]
    case "lp_pool":
      return [
        lpPool(x, power: o.double("power"), kernel: o.ints("kernel"), stride: o.ints("stride"))
      ]
    case "layer_norm":
      return [layerNorm(x, axes: o.int("axes"), scale: scale, shift: shift, epsilon: epsilon)]
    case "group_norm":
      return [groupNorm(x, groups: o.int("groups"), scale: scale, shift: shift, epsilon: epsilon)]
    case "instance_norm": return [instanceNorm(x, scale: scale, shift: shift, epsilon: epsilon)]
    case "local_response":
      return [
        localResponse(
          x, size: o.int("size"), alpha: o.double("alpha"), beta: o.double("beta"), k: o.double("k")
        )
      ]
    case "resize":
      guard let mode = Resize.Mode(rawValue: o.attributes["mode"]?.string ?? "") else { return nil }
      return [
        resize(
          x, size: o.ints("size"), mode: mode, alignsCorners: o.bool("aligned"),
          antialiases: o.bool("antialias"),
          factors: o.attributes["factors"]?.array?.compactMap(\.double))
      ]
    default: return nil
    }
  }
}
