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

/// The first values of a weight of this shape.
private func first(
  _ initializer: Initializer, _ shape: Shape, seed: UInt64 = 7
) throws -> [Double] {
  let model = Bare(weight: Parameter(shape, initializer: initializer))
  return try #require(Naming(model).initialWeights(seed: seed)["weight"]).scalars(as: Double.self)
}

@Test("a seed keeps its meaning: the bytes of each initialiser's first weights")
func seedsKeepTheirMeaning() throws {
  let expected: [(Initializer, [Float])] = [
    (.he(), SeedValues.he), (.glorot(), SeedValues.glorot), (.lecun(), SeedValues.lecun),
  ]
  for (initializer, values) in expected {
    let found = try first(initializer, [4, 2, 3, 3]).prefix(values.count).map { Float($0) }
    #expect(found == values, "\(initializer.name)")
  }
}

@Test func truncatedNormalsStayWithinTheirBounds() throws {
  let values = try first(.truncatedNormal(mean: 1, deviation: 0.5), [200, 100])
  #expect(values.allSatisfy { $0 >= 0 && $0 <= 2 })
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  #expect(abs(mean - 1) < 0.015)
  // A normal cut at two deviations keeps 0.7737 of its variance.
  #expect(abs(variance / 0.25 - 0.7737) < 0.02)
  let oneSided = try first(.truncatedNormal(low: 1, high: .infinity), [50, 50])
  #expect(oneSided.allSatisfy { $0 >= 1 && $0.isFinite })
  // E[x | x > 1] = φ(1) / (1 − Φ(1)) = 1.5251.
  #expect(abs(oneSided.reduce(0, +) / 2500 - 1.5251) < 0.04)
}

@Test(arguments: [[5, 12], [12, 5], [7, 7], [4, 3, 3, 3], [40, 2, 3, 3], [1, 6]] as [Shape])
func orthogonalRowsOrColumnsAreOrthonormal(_ shape: Shape) throws {
  let values = try first(.orthogonal(gain: 2), shape)
  #expect(try first(.orthogonal(gain: 2), shape) == values)
  let rows = shape[0]
  let columns = values.count / rows
  let isWide = rows <= columns
  func element(_ vector: Int, _ place: Int) -> Double {
    isWide ? values[vector * columns + place] : values[place * columns + vector]
  }
  for a in 0..<min(rows, columns) {
    for b in 0...a {
      let dot = (0..<max(rows, columns)).reduce(0.0) { $0 + element(a, $1) * element(b, $1) }
      #expect(abs(dot - (a == b ? 4 : 0)) < 1e-5)
    }
  }
}

@Test func orthogonalIsTheSignedFactorOfTheDraws() throws {
  // Q of Q·R with R's diagonal positive: the first row is the first draw over its length.
  let draws = try first(.normal(), [2, 3])
  let basis = try first(.orthogonal(), [2, 3])
  let length = draws[..<3].reduce(0) { $0 + $1 * $1 }.squareRoot()
  for place in 0..<3 { #expect(abs(basis[place] - draws[place] / length) < 1e-6) }
  #expect(zip(draws[3...], basis[3...]).reduce(0) { $0 + $1.0 * $1.1 } > 0)
}

@Test func uniformAndNormalHaveTheirMoments() throws {
  let uniform = try first(.uniform(-1, 3), [100, 100])
  #expect(uniform.allSatisfy { $0 >= -1 && $0 < 3 })
  #expect(abs(uniform.reduce(0, +) / 10000 - 1) < 0.05)
  let normal = try first(.normal(mean: 2, deviation: 0.5), [100, 100])
  #expect(abs(normal.reduce(0, +) / 10000 - 2) < 0.02)
}

@Test(
  arguments: [
    (.linear, 1), (.relu, 2), (.leakyReLU(slope: 0.5), 1.6), (.tanh, 25.0 / 9), (.selu, 0.5625),
  ] as [(Nonlinearity, Double)])
func gainsWidenTheDraws(nonlinearity: Nonlinearity, squared: Double) throws {
  #expect(abs(nonlinearity.gain * nonlinearity.gain - squared) < 1e-12)
  let plain = try first(.he(), [8, 8])
  let scaled = try first(.he(before: nonlinearity), [8, 8])
  for (a, b) in zip(plain, scaled) {
    #expect(abs(b - a * (squared / 2).squareRoot()) < 1e-6)
  }
}

@Test(
  arguments: [
    .uniform(1, 0), .uniform(.nan, 1), .normal(deviation: -1), .normal(mean: .infinity),
    .truncatedNormal(deviation: 0), .truncatedNormal(low: 2, high: 1),
    .truncatedNormal(low: 90, high: 99), .orthogonal(gain: .nan), .glorot(gain: .infinity),
    .he(before: .leakyReLU(slope: .nan)),
  ] as [Initializer])
func badInitializersAreDiagnosed(_ initializer: Initializer) {
  #expect(throws: TraceError.self) { try first(initializer, [4, 4]) }
}

@Test func orthogonalTakesNoVector() {
  #expect(throws: TraceError.self) { try first(.orthogonal(), [4]) }
}

/// Channels handed on, as PyTorch's `dirac_` of the first rows, and the others drawn.
@Test(arguments: [Shape([6, 4, 3, 3]), [4, 6, 3, 3], [5, 3, 2, 2], [4, 2]])
func identityHandsChannelsOn(_ shape: Shape) throws {
  let values = try first(.identity(over: .he()), shape)
  let drawn = try first(.he(), shape)
  let width = shape.count / shape[0]
  let taps = width / shape[1]
  let middle = taps == 9 ? 4 : taps == 4 ? 3 : 0
  for row in 0..<shape[0] {
    let filter = Array(values[(row * width)..<((row + 1) * width)])
    if row < min(shape[0], shape[1]) {
      for (place, value) in filter.enumerated() {
        #expect(value == (place == row * taps + middle ? 1 : 0), "\(shape) row \(row)")
      }
    } else {
      #expect(filter == Array(drawn[(row * width)..<((row + 1) * width)]))
    }
  }
}
