import StriateCore
import StriateIR
import StriateNN
import StriateRuntime
import Testing

private struct Bare: Layer {
  let weight: Parameter
  func forward(_ x: Tensor) -> Tensor { x }
}

@Test(
  arguments: [
    // A filter [32, 8, 3, 3]: fan in 72, fan out 288.
    (.he(), 2.0 / 72, false), (.he(fan: .out), 2.0 / 288, false),
    (.he(fan: .in, .uniform), 2.0 / 72, true), (.glorot(), 2.0 / 360, true),
    (.glorot(.normal), 2.0 / 360, false), (.lecun(), 1.0 / 72, false),
    (.lecun(.uniform), 1.0 / 72, true),
  ] as [(Initializer, Double, Bool)])
func initializersHaveTheirVariance(initializer: Initializer, variance: Double, bounded: Bool) throws
{
  let model = Bare(weight: Parameter([32, 8, 3, 3], initializer: initializer))
  let weights = try Naming(model).initialWeights(seed: 7)
  let values = try #require(weights["weight"]).scalars(as: Double.self)
  let mean = values.reduce(0, +) / Double(values.count)
  let found = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  #expect(abs(mean) < 4 * (variance / Double(values.count)).squareRoot())
  #expect(abs(found / variance - 1) < 0.12)
  let bound = (3 * variance).squareRoot()
  #expect(values.allSatisfy { abs($0) <= bound + 1e-7 } == bounded)
}

@Test func firstWeightsAreAFunctionOfSeedAndPath() throws {
  let model = Sequential(Linear(in: 8, out: 8), Linear(in: 8, out: 8))
  let naming = Naming(model)
  let a = try naming.initialWeights(seed: 1)
  #expect(try naming.initialWeights(seed: 1) == a)
  #expect(try naming.initialWeights(seed: 2) != a)
  #expect(a["0.weight"] != a["1.weight"])
  #expect(a["0.bias"] == HostTensor(zeros: TensorType(.float32, [8])))
}

@Test func constants() throws {
  let model = Bare(weight: Parameter([3], initializer: .constant(0.5)))
  #expect(
    try Naming(model).initialWeights(seed: 0)["weight"] == HostTensor([Float(0.5), 0.5, 0.5]))
}

@Test func aVectorHasNoFans() {
  let model = Bare(weight: Parameter([3], initializer: .he()))
  #expect(throws: TraceError.self) { try Naming(model).initialWeights(seed: 0) }
}
