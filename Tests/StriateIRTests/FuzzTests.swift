import StriateCore
import StriateIR
import StriateTestSupport
import Testing

@Suite("Garbage never traps")
struct FuzzTests {
  @Test("shape rules and costs are total", arguments: [UInt64](1...8))
  func shapeRules(_ seed: UInt64) {
    var garbage = Garbage(seed: seed)
    var accepted = 0
    for _ in 0..<6000 {
      garbage.begin()
      let first = garbage.type(rank: garbage.small(0..<6))
      let op = garbage.op(first.shape)
      let operands = garbage.operands(of: op, first)
      guard let results = try? op.rule.infer(operands) else { continue }
      accepted += 1
      let cost = op.rule.cost(operands, results)
      #expect(cost.macs >= 0 && cost.bytes >= 0)
    }
    #expect(accepted > 1000)
  }

  @Test("building and differentiating is total", arguments: [UInt64](1...8))
  func gradients(_ seed: UInt64) {
    var garbage = Garbage(seed: seed)
    var accepted = 0
    for _ in 0..<4000 {
      garbage.begin()
      let first = garbage.type(rank: garbage.small(0..<6))
      let op = garbage.op(first.shape)
      let builder = GraphBuilder()
      let operands = garbage.operands(of: op, first).enumerated().map {
        builder.input("x\($0.offset)", $0.element)
      }
      let results = builder.apply(op, operands, results: 3)
      let made = results.filter { !$0.isPoisoned }
      if made.isEmpty { continue }
      accepted += 1
      let seeds = made.filter(\.dtype.isFloatingPoint).map { (tensor: $0, cotangent: $0) }
      _ = builder.gradients(of: seeds, in: operands)
      if let graph = try? builder.finish() { #expect(graph.violations() == []) }
    }
    #expect(accepted > 600)
  }

  @Test("the surface is total", arguments: [UInt64](1...8))
  func surface(_ seed: UInt64) {
    var garbage = Garbage(seed: seed)
    for _ in 0..<2000 {
      garbage.begin()
      let builder = GraphBuilder()
      let x = builder.input("x", garbage.type())
      let y = builder.input("y", garbage.type())
      let axes = max(x.shape.rank - 2, 0)
      _ = convolution(
        x, y, stride: garbage.extents(axes), padLow: garbage.extents(axes),
        dilation: garbage.extents(axes), groups: garbage.extent())
      let padding = garbage.extents(axes)
      _ = maxPool(
        x, kernel: garbage.extents(axes), stride: garbage.extents(), padding: padding,
        dilation: garbage.extents(axes), ceil: true)
      if x.type.byteCount < 1 << 20 {
        _ = averagePool(
          x, kernel: garbage.extents(axes), padding: garbage.extents(axes), ceil: true)
      }
      _ = convolutionTransposed(
        x, y, stride: garbage.extents(axes), padLow: garbage.extents(axes),
        outputPadding: garbage.extents(axes), dilation: garbage.extents(axes),
        groups: garbage.extent())
      let (pooled, indices) = maxPoolWithIndices(x, kernel: garbage.extents(axes), ceil: true)
      _ = maxUnpool(pooled, indices: indices, spatial: garbage.extents())
      _ = adaptiveMaxPool(x, size: garbage.extents(axes))
      _ = adaptiveAveragePool(x, size: garbage.extents(axes))
      _ = (globalMaxPool(x), globalAveragePool(x))
      _ = lpPool(x, power: garbage.number(), kernel: garbage.extents(axes))
      _ = layerNorm(x, axes: garbage.extent(), scale: y, epsilon: garbage.number())
      _ = groupNorm(x, groups: garbage.extent(), scale: y, shift: y, epsilon: garbage.number())
      _ = instanceNorm(x, shift: y)
      _ = localResponse(x, size: garbage.extent(), alpha: garbage.number())
      _ = resize(x, size: garbage.extents(axes), antialiases: true)
      _ = x.reshaped(Shape(garbage.extents()))
      _ = x.flattened(from: garbage.extent())
      _ = x.transposed(garbage.extents())
      _ = x.broadcast(to: Shape(garbage.extents()))
      _ = x.slice(
        axis: garbage.extent(), from: garbage.extent(), to: garbage.extent(), step: garbage.extent()
      )
      _ = x.padded(low: garbage.extents(), high: garbage.extents())
      _ = concat([x, y], axis: garbage.extent())
      _ = x.sum(over: garbage.extents()) + y
      _ = x.argMax(axis: garbage.extent())
      _ = softmax(x, axis: garbage.extent())
      _ = crossEntropy(x, labels: y, smoothing: garbage.number())
      _ = matmul(x, y)
      _ = select(x, y, 0.0)
      _ = batchNorm(x, scale: y, shift: y, epsilon: garbage.number())
      _ = y.alongChannels(like: x)
      _ = builder.random(.uniform, Shape(garbage.extents()))
      _ = x.gather(y, axis: garbage.extent())
      _ = x.scatterAdd(y, axis: garbage.extent(), extent: garbage.extent())
      _ = x.gatherAlong(y, axis: garbage.extent())
      _ = x.scatterAddAlong(y, axis: garbage.extent(), extent: garbage.extent())
      _ = x.topK(garbage.extent(), axis: garbage.extent())
      _ = x.sorted(axis: garbage.extent())
      _ = y.oneHot(garbage.extent())
      _ = x.cumulativeSum(axis: garbage.extent())
      _ = x.reversed(axes: garbage.extents())
      _ = x.expandingDims(at: garbage.extent())
      _ = x.squeezed(axes: garbage.small(0..<2) == 0 ? nil : garbage.extents())
      _ = x.swappingAxes(garbage.extent(), garbage.extent())
      _ = x.permuted(garbage.extent(), garbage.extent())
      _ = x.tiled(garbage.extents())
      _ = x.repeated(garbage.extent(), axis: garbage.extent())
      _ = x.rolled(by: garbage.extent(), axis: garbage.extent())
      _ = x.split(axis: garbage.extent(), sizes: garbage.extents())
      _ = x.split(axis: garbage.extent(), into: garbage.small(-2..<5))
      _ = stack([x, y], axis: garbage.extent())
      for mode: PadMode in [.constant(1), .reflect, .replicate, .circular] {
        _ = x.padded(
          low: garbage.extents(x.shape.rank), high: garbage.extents(x.shape.rank), mode: mode)
      }
      _ = x.logSumExp(over: garbage.extents())
      _ = x.variance(over: garbage.extents(), correction: garbage.extent())
      _ = x.any(over: garbage.extents())
      _ = (x .== y) .| .!(x .<= y)
      _ = x.fakeQuantized(Quantization(scale: [garbage.number()], axis: garbage.extent()))
      _ = builder.custom(ScaledSum(scale: 1), [x, y], results: garbage.small(0..<3))
      _ = stopGradient(x)
      _ = builder.gradients(of: x, in: [y])
    }
  }
}
