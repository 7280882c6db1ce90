import StriateCore
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime
import Testing

/// The LeNets as published, by their papers' tables.
@Suite struct LeNetPublishedTests {
  @Test func lenet5HasSixtyThousandParameters() throws {
    let parameters = Naming(LeNet5Published()).parameters
    func count(_ layer: String) -> Int {
      parameters.filter { $0.path.hasPrefix("\(layer).") }.reduce(0) {
        $0 + $1.parameter.type.shape.count
      }
    }
    #expect(
      ["c1", "s2", "c3", "s4", "c5", "f6"].map(count) == [156, 12, 1516, 32, 48_120, 10_164])
    #expect(parameters.reduce(0) { $0 + $1.parameter.type.shape.count } == 60_000)
    // Each map of s2 is used ten times.
    let uses = LeNet5Published.table.joined().reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    #expect(uses == [0: 10, 1: 10, 2: 10, 3: 10, 4: 10, 5: 10])
    let c3 = TableConvolution(LeNet5Published.table, inputs: 6, kernel: 5) { _ in .zeros }
    #expect(c3.connections(places: 100, kernel: 5) == 151_600)
  }

  @Test(arguments: [28, 32]) func lenet5MultipliesAsPublished(_ side: Int) throws {
    let model = LeNet5Published()
    let traced = GraphBuilder(naming: Naming(model))
    let y = model(traced.input("input", TensorType(.float32, [1, 1, side, side])))
    #expect(y.shape == [1, 10])
    // The sheet's 326,520 count the 840 differences from codes, which are no products.
    #expect(try traced.finish().cost.macs == 326_520 - 840)
  }

  @Test func lenet1HasItsParameters() throws {
    let parameters = Naming(LeNet1()).parameters
    #expect(parameters.reduce(0) { $0 + $1.parameter.type.shape.count } == 2578)
    #expect(LeNet1.table.joined().count == 20)
    let model = LeNet1()
    let builder = GraphBuilder(naming: Naming(model))
    #expect(model(builder.input("input", TensorType(.float32, [2, 1, 28, 28]))).shape == [2, 10])
  }

  /// A convolution by a table is a dense one whose other filters are zero.
  @Test func aTableIsADenseConvolutionWithHoles() throws {
    let table = [[1], [0, 2], [2], [0, 1, 2], [1, 2]]
    let model = TableConvolution(table, inputs: 3, kernel: 3) { _ in .uniform(-1, 1) }
    let weights = try Naming(model).initialWeights(seed: 1)
    var dense = [Float](repeating: 0, count: 5 * 3 * 9)
    var biases = [Float](repeating: 0, count: 5)
    for (part, size) in [1, 2, 3].enumerated() {
      let filter = try #require(weights["\(part).weight"]).scalars(as: Float.self)
      let bias = try #require(weights["\(part).bias"]).scalars(as: Float.self)
      for (index, place) in table.indices.filter({ table[$0].count == size }).enumerated() {
        biases[place] = bias[index]
        for (number, seen) in table[place].enumerated() {
          for k in 0..<9 {
            dense[(place * 3 + seen) * 9 + k] = filter[(index * size + number) * 9 + k]
          }
        }
      }
    }
    var random = RandomStream(seed: 2, "x", 0)
    let x = try HostTensor(
      (0..<(2 * 3 * 6 * 5)).map { _ in Float.random(in: -1...1, using: &random) },
      shape: [2, 3, 6, 5])
    let found = try Program(model, input: x.type, on: .reference)
    let y = try found(x, state: found.state(weights)).scalars(as: Float.self)
    let plain = Conv2D(in: 3, out: 5, kernel: 3)
    let other = try Program(plain, input: x.type, on: .reference)
    let expected = try other(
      x,
      state: other.state([
        "weight": HostTensor(dense, shape: [5, 3, 3, 3]), "bias": HostTensor(biases),
      ])
    ).scalars(as: Float.self)
    #expect(y.count == expected.count)
    for (a, b) in zip(y, expected) { #expect(Swift.abs(a - b) < 1e-5) }
  }
}
