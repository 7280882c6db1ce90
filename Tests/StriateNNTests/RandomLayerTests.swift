import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

/// A layer's answer to ones at a step of a seed.
private func draw(
  _ layer: any Layer, _ shape: Shape, seed: Int64 = 5, step: Int64 = 0,
  mode: TraceOptions.Mode = .training
) throws -> [Float] {
  let program = try Program(layer, input: TensorType(.float32, shape), mode: mode, on: .reference)
  var inputs = ["input": try HostTensor([Float](repeating: 1, count: shape.count), shape: shape)]
  if program.graph.inputs.contains(where: { $0.name == "random.key" }) {
    inputs["random.key"] = HostTensor([seed, step])
  }
  let outputs = try program.run(inputs, state: program.state())
  return outputs["output"]?.scalars(as: Float.self) ?? []
}

/// The answer's runs of so many elements, each of which must be one number.
private func runs(_ values: [Float], of length: Int) throws -> [Float] {
  try stride(from: 0, to: values.count, by: length).map { start in
    let run = values[start..<(start + length)]
    #expect(Set(run).count == 1)
    return try #require(run.first)
  }
}

@Test func spatialDropoutDropsWholeChannels() throws {
  let shape: Shape = [40, 50, 2, 3]
  let values = try runs(draw(Sequential(SpatialDropout2D(0.25)), shape), of: 6)
  #expect(values.allSatisfy { $0 == 0 || abs($0 - 4.0 / 3) < 1e-6 })
  #expect((430..<570).contains(values.count { $0 == 0 }))
}

@Test func stochasticDepthDropsWholeRows() throws {
  let values = try runs(draw(Sequential(StochasticDepth(0.25)), [2000, 2, 3]), of: 6)
  #expect(values.allSatisfy { $0 == 0 || abs($0 - 4.0 / 3) < 1e-6 })
  #expect((430..<570).contains(values.count { $0 == 0 }))
}

@Test func stochasticDepthByBatchDropsAllOrNothing() throws {
  let layer = Sequential(StochasticDepth(0.5, mode: .batch))
  let steps = try (0..<60).map { try runs(draw(layer, [4, 3], step: $0), of: 12)[0] }
  #expect(steps.allSatisfy { $0 == 0 || $0 == 2 })
  #expect((15..<45).contains(steps.count { $0 == 0 }))
  #expect(try draw(Sequential(StochasticDepth(1)), [4, 3]).allSatisfy { $0 == 0 })
}

@Test(arguments: [
  Sequential(SpatialDropout2D(0.5), SpatialDropout2D(0.5)),
  Sequential(StochasticDepth(0.5), StochasticDepth(0.5)),
  Sequential(Dropout(0.5), Dropout(0.5)),
])
func drawsFollowSeedStepAndPath(_ model: Sequential) throws {
  let shape: Shape = [64, 8, 1, 1]
  let first = try draw(model, shape)
  #expect(try draw(model, shape) == first)
  #expect(try draw(model, shape, step: 1) != first)
  #expect(try draw(model, shape, seed: 6) != first)
  // Two layers that drew alike would keep a half, not a quarter.
  #expect(first.contains(4))
  #expect(first.count { $0 != 0 } < 256)
  #expect(try draw(model, shape, mode: .inference).allSatisfy { $0 == 1 })
}
