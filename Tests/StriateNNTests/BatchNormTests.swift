import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

/// Two channels, four values each: means 2.5 and 0, unbiased variances 5/3 and 4/3.
private let images: [Float] = [1, 2, 3, 4, 1, -1, 1, -1]

private func run(
  _ options: TraceOptions, on state: (any ResidentState)? = nil
) throws -> (y: [Float], state: NamedTensors) {
  let layer = BatchNorm2D(2)
  let naming = Naming(layer)
  let program = try Program(on: .reference, options: options, naming: naming) { builder in
    builder.output("y", layer(builder.input("x", TensorType(.float32, [1, 2, 2, 2]))))
  }
  let state = try state ?? program.state(naming.initialWeights(seed: 0))
  let x = try HostTensor(images, shape: [1, 2, 2, 2])
  let y = try program.run(["x": x], state: state)["y"]?.scalars(as: Float.self) ?? []
  return (y, try state.read(naming.parameters.map(\.path)))
}

@Test func trainingMovesTheRunningStatisticsUnbiased() throws {
  let (y, state) = try run(TraceOptions(mode: .training))
  let mean = try #require(state["running_mean"]).scalars(as: Float.self)
  let variance = try #require(state["running_var"]).scalars(as: Float.self)
  #expect(mean == [0.25, 0])
  #expect(abs(variance[0] - (0.9 + 0.1 * 5 / 3)) < 1e-6)
  #expect(abs(variance[1] - (0.9 + 0.1 * 4 / 3)) < 1e-6)
  #expect(state["num_batches_tracked"] == HostTensor(scalar: Int64(1)))
  #expect(abs(y[0] + 1.3416) < 1e-3 && abs(y[4] - 1) < 1e-3)
}

@Test(arguments: [
  TraceOptions(mode: .inference), TraceOptions(mode: .training, frozen: [""]),
])
func inferenceAndFrozenKeepTheStatistics(_ options: TraceOptions) throws {
  let (y, state) = try run(options)
  #expect(state["running_mean"] == HostTensor([Float(0), 0]))
  #expect(state["running_var"] == HostTensor([Float(1), 1]))
  #expect(state["num_batches_tracked"] == HostTensor(scalar: Int64(0)))
  for (a, b) in zip(y, images) { #expect(abs(a - b) < 1e-4) }
}

@Test func aSingleValueHasNoVariance() throws {
  let layer = BatchNorm2D(3)
  #expect(throws: TraceError.self) {
    try Program(on: .reference, options: TraceOptions(mode: .training), naming: Naming(layer)) {
      $0.output("y", layer($0.input("x", TensorType(.float32, [1, 3, 1, 1]))))
    }
  }
}
