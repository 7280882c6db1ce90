import Striate
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The Neocognitron of 1980.
@Suite struct NeocognitronTests {
  private let device = (try? Device.cpu()) ?? .reference

  @Test func extentsAreThePapers() throws {
    let network = Neocognitron1980()
    let builder = GraphBuilder(naming: Naming(network))
    var x = builder.input("input", TensorType(.float32, [1, 1, 16, 16]))
    var sides: [Int] = []
    for stage in network.stages {
      let s = stage.respond(x)
      x = stage.pooled(s)
      sides += [s.shape[3], x.shape[3]]
    }
    #expect(sides == [16, 10, 8, 6, 2, 1])
    #expect(
      network(builder.input("other", TensorType(.float32, [3, 1, 16, 16]))).shape == [3, 24])
  }

  /// A sum of squares that a fast convolution rounds to less than nothing has a root still.
  @Test(arguments: [3, 5, 7])
  func inhibitionIsANumberBesideBrightPlaces(_ window: Int) throws {
    let shape: Shape = [64, 16, 15, 15]
    var random = RandomStream(seed: 1, "bright", window)
    let values = (0..<shape.count).map { index in
      index % 15 < 5 ? Float.random(in: 0...1, using: &random) : 0
    }
    let input = try HostTensor(values, shape: shape)
    let plan = SCells.Plan(planes: 1, window: window, learning: 0.7, recognition: 0.6)
    let stage = NeocognitronStage(
      .init(border: 0, r: 4, q: 1, poolingDecay: 0.9, poolingGain: 4), inputs: 16)
    let program = try Program(on: device) { builder in
      let x = builder.input("x", input.type)
      builder.output("v", plan.inhibition(x))
      builder.output("of 1980", stage.inhibition(x))
    }
    for (name, found) in try program.run(["x": input], state: program.state()) {
      #expect(found.firstNonFinite == nil, "\(name): \(found.firstNonFinite ?? 0)")
    }
  }

  /// In each column the strongest cell, of each plane the strongest of those.
  @Test func seedCellsAreTheStrongest() {
    // Two planes of 3×3, columns of 2×2.
    let answers: [Float] = [0, 0, 0, 0, 5, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3]
    let cells = SeedCells.find(answers, planes: 2, rows: 3, columns: 3, window: 2)
    #expect(cells == [SeedCells.Cell(plane: 0, row: 1, column: 1)])
    let apart: [Float] = [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    #expect(
      SeedCells.find(apart, planes: 2, rows: 3, columns: 3, window: 2) == [
        SeedCells.Cell(plane: 0, row: 0, column: 0), SeedCells.Cell(plane: 1, row: 2, column: 2),
      ])
    #expect(
      SeedCells.find([Float](repeating: 0, count: 18), planes: 2, rows: 3, columns: 3, window: 2)
        .isEmpty)
  }

  /// After one reinforcement a cell answers what is more alike than r/(1 + r), by the c-weighted cosine.
  @Test(arguments: [4.0, 1.5, 1.0])
  func selectivityIsTheIdentity(_ r: Double) throws {
    var plan = NeocognitronStage.Plan(border: 0, r: r, q: 1e6, poolingDecay: 0.9, poolingGain: 4)
    plan.planes = 1
    let stage = NeocognitronStage(plan, inputs: 1)
    let decay = plan.decay
    let c = (0..<25).map { place -> Double in
      let (x, y) = (Double(place % 5) - 2, Double(place / 5) - 2)
      return pow(decay, (x * x + y * y).squareRoot())
    }
    let total = c.reduce(0, +)
    let weights = c.map { $0 / total }
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(weights, zip(a, b)).reduce(0) { $0 + $1.0 * $1.1.0 * $1.1.1 }
    }
    var random = RandomStream(seed: 1, "patterns", 0)
    func pattern() -> [Double] { (0..<25).map { _ in Double.random(in: 0...1, using: &random) } }
    let learned = pattern()
    let norm = product(learned, learned).squareRoot()
    let unit = learned.map { $0 / norm }
    // Something of the same length at a right angle to it.
    let other = pattern()
    let share = product(other, unit)
    let rest = zip(other, unit).map { $0 - share * $1 }
    let length = product(rest, rest).squareRoot()
    let across = rest.map { $0 / length }
    var state = NamedTensors()
    state["a"] = try HostTensor(
      zip(weights, unit).map { Float(plan.q * $0 * $1) }, shape: [1, 1, 5, 5])
    state["b"] = try HostTensor([Float(plan.q / 2)], shape: [1])
    let program = try Program(
      on: .reference, options: TraceOptions(mode: .inference), naming: Naming(stage)
    ) { builder in
      builder.output(
        "output", stage.respond(builder.input("input", TensorType(.float32, [1, 1, 5, 5]))))
    }
    let resident = try program.state(state)
    func answers(_ cosine: Double) throws -> Bool {
      let sine = (1 - cosine * cosine).squareRoot()
      let x = zip(unit, across).map { Float(cosine * $0 + sine * $1) }
      let y = try program(HostTensor(x, shape: [1, 1, 5, 5]), state: resident)
      return y.scalars(as: Float.self)[0] > 0
    }
    var (low, high) = (0.0, 1.0)
    for _ in 0..<30 {
      let middle = (low + high) / 2
      if try answers(middle) { high = middle } else { low = middle }
    }
    #expect(abs(high - r / (1 + r)) < 1e-3, "\(high) instead of \(r / (1 + r))")
  }

  /// Stage by stage, twenty times each digit at random places; then every place, with eight seeds.
  @Test func digitsAreToldApartWhereverTheyAre() throws {
    let found = try (0..<8).map { try OriginalProblem().outcome(seed: $0, on: device) }
    let mean = found.reduce(0) { $0 + $1.accuracy } / 8
    #expect(mean >= 0.97 && found.count { $0.accuracy == 1 } >= 4, "\(found)")
    // One output cell a digit, and mostly no other that answers.
    #expect(found.count { $0.cells == 5 } >= 6, "\(found)")
    #expect(found.reduce(0) { $0 + $1.alone } / 8 >= 0.85, "\(found)")
  }
}
