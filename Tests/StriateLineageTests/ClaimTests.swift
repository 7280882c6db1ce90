import Striate
import StriateTestSupport
import Testing

/// Claims, their bars and what they are tried with.
@Suite struct ClaimTests {
  private static let device = (try? Device.cpu()) ?? .reference

  @Test func claimsHaveNamesBarsAndOrder() throws {
    let ids = Claim.all.map(\.id)
    #expect(Set(ids).count == ids.count && ids.count >= 20)
    for claim in Claim.all {
      #expect(!claim.bars.isEmpty && !claim.statement.isEmpty && !claim.setup.isEmpty)
      #expect(claim.statement.hasSuffix("."), "\(claim.id)")
    }
    #expect(try Claim.find(["relu", "end-stopping"]).map(\.id) == ["end-stopping", "relu"])
    #expect(throws: ModelError.self) { try Claim.find(["relu", "tanh"]) }
  }

  @Test(arguments: [
    (Claim.Bar.Relation.atLeast, [false, true, true]), (.atMost, [true, true, false]),
    (.above, [false, false, true]), (.below, [true, false, false]),
    (.equals, [false, true, false]),
  ])
  func barsHold(_ relation: Claim.Bar.Relation, _ expected: [Bool]) {
    let bar = Claim.Bar("x", relation, 2)
    #expect([1, 2, 3].map { bar.holds($0) } == expected)
    #expect(!bar.holds(.nan) && bar.description == "x \(relation.rawValue) 2")
    // 25 of 5,000 pictures: less than half a point only by rounding.
    let rounded = Claim.Bar("x", relation, -0.5)
    #expect(rounded.holds((0.8524 - 0.8574) * 100) == rounded.holds(-0.5))
    #expect(Claim.Bar("x", relation, 0.5).holds((0.8574 - 0.8524) * 100) == rounded.holds(-0.5))
  }

  @Test(arguments: [
    ([true, true, true], Claim.Verdict.reproduced), ([false, false, false], .notReproduced),
    ([true, false, true], .inconclusive), ([], .inconclusive),
  ])
  func verdictsFollowTheSeeds(_ held: [Bool], _ verdict: Claim.Verdict) throws {
    let claim = try #require(Claim.all.first { $0.id == "convolution-arithmetic" })
    let found = held.map { isHeld in
      var findings = Findings()
      for bar in claim.bars { findings.add(bar.quantity, isHeld ? bar.limit : bar.limit + 1) }
      return findings
    }
    #expect(claim.verdict(found) == verdict)
  }

  @Test func findingsAreKept() throws {
    var findings = Findings()
    findings.add("a number", 0.25)
    findings.add("none", .nan)
    findings.add("curve", [(1, 2), (2, .infinity)])
    let read = try #require(Findings(findings.json))
    #expect(read["a number"] == 0.25 && read["none"]?.isNaN == true && read["other"] == nil)
    #expect(read.curves.count == 1 && read.curves[0].points[1].y.isNaN)
    #expect(Findings(JSON("nothing")) == nil)
  }

  /// Those that need no pictures are reproduced, and measure every quantity of their bars.
  @Test(arguments: [
    "simple-and-complex-cells", "end-stopping", "direction-selectivity", "shift-invariance",
    "convolution-arithmetic",
  ])
  func claimsWithoutPicturesAreReproduced(_ id: String) throws {
    let claim = try #require(try Claim.find([id]).first)
    let scratch = try Scratch()
    let trial = Trial(device: Self.device, seed: 1, folder: scratch.path, pictures: nil)
    let found = try claim.experiment(trial)
    for bar in claim.bars { #expect(found[bar.quantity] != nil, "\(bar)") }
    #expect(claim.verdict([found]) == .reproduced, "\(found.quantities)")
  }

  /// Every claim was tried for the record with the bars that it has, and two commits say when.
  @Test(arguments: Claim.all.map(\.id))
  func claimsAreOnRecord(_ id: String) throws {
    let claim = try #require(try Claim.find([id]).first)
    let record = try #require(ClaimRecord.of(claim))
    #expect(record.isCurrent(claim))
    for commit in [record.barsCommit, record.resultCommit] {
      #expect(commit.wholeMatch(of: /[0-9a-f]{7,40}/) != nil)
    }
  }

  @Test func pruningKeepsTheGreatest() throws {
    var weights = NamedTensors()
    weights["a"] = try HostTensor([3, -4, 1, 0.5, -2] as [Float], shape: [1, 5])
    weights["bias"] = HostTensor([0.1] as [Float])
    let kept = try Pruning.keep(0.4, of: weights, by: .magnitude)
    #expect(kept["a"]?.scalars(as: Float.self) == [3, -4, 0, 0, 0])
    #expect(kept["bias"] == weights["bias"] && Pruning.share(of: kept) == 0.4)
    let half = try Pruning.keep(0.5, ofThoseLeftIn: kept)
    #expect(half["a"]?.scalars(as: Float.self) == [0, -4, 0, 0, 0])
    let chance = try Pruning.keep(0.2, of: kept, by: .chance(seed: 1))
    let left = try #require(chance["a"]?.scalars(as: Float.self))
    #expect(left == [3, 0, 0, 0, 0] || left == [0, -4, 0, 0, 0])
    let others = try Pruning.values(
      ["a": HostTensor([5, 6, 7, 8, 9] as [Float], shape: [1, 5])], where: kept)
    #expect(others["a"]?.scalars(as: Float.self) == [5, 6, 0, 0, 0])
  }

  /// With a block taken out the others answer as if it had never been.
  @Test(arguments: [true, false])
  func aLesionIsTheIdentity(_ isPlain: Bool) throws {
    let network = CIFARResNet(blocks: 3, widths: (4, 8, 8), channels: 1, isPlain: isPlain)
    var weights = try Naming(network).initialWeights(seed: 3)
    for block in Lesion.blocks {
      for (name, value) in try Lesion.identity(block, isPlain: isPlain, in: weights) {
        weights[name] = value
      }
    }
    let input = TensorType(.float32, [2, 1, 12, 12])
    var random = RandomStream(seed: 1, "lesion")
    let values = (0..<input.shape.count).map { _ in Float.random(in: -1...1, using: &random) }
    let program = try Program(network, input: input, on: .reference)
    let found = try program(
      HostTensor(values, shape: input.shape), state: program.state(weights))
    // What is left: the stem, the blocks that change the shape, the classifier.
    let rest = CIFARResNet(blocks: 1, widths: (4, 8, 8), channels: 1, isPlain: isPlain)
    var few = NamedTensors()
    for (name, value) in weights { few[name] = value }
    // The one block of the first stage keeps its shape, and is the identity as well.
    let small = try Program(rest, input: input, on: .reference)
    let expected = try small(
      HostTensor(values, shape: input.shape),
      state: small.state(few.filtered { rest in !rest.contains(".1.") && !rest.contains(".2.") }))
    for (a, b) in zip(found.scalars(as: Float.self), expected.scalars(as: Float.self)) {
      #expect(abs(a - b) < 1e-4)
    }
  }

  /// Two places more a layer, and twice the dilation where there is one.
  @Test func gradientsReachAsFarAsTheFieldIs() throws {
    #expect(try DilatedNetwork([1, 1, 1, 1, 1, 1]).reach(on: Self.device) == 13)
    #expect(try DilatedNetwork([1, 2, 4, 8, 16, 1]).reach(on: Self.device) == 65)
    #expect(try DilatedNetwork([2, 3]).reach(on: Self.device) == 9)
  }

  @Test func gradientsAreMeasuredLayerByLayer() throws {
    let network = LeNet5(classes: 3, input: [1, 28, 28])
    let batch = Batch(
      inputs: HostTensor(zeros: TensorType(.float32, [4, 1, 28, 28])),
      labels: HostTensor([0, 1, 2, 0] as [Int32]), indices: [0, 1, 2, 3])
    let found = try GradientNorms.measure(
      network, weights: Naming(network).initialWeights(seed: 0), on: batch, device: Self.device)
    #expect(found.count == 5 && found[0].path.hasPrefix("conv1"))
    // Of black pictures the first filters learn nothing, the last biases do.
    #expect(found[0].norm == 0 && found.allSatisfy { $0.norm.isFinite })
  }

  @Test func everyStepOfTheHistoryIsHere() throws {
    let claims = Set(Claim.all.map(\.id))
    let told = Set(HistoryStep.all.flatMap(\.claims))
    #expect(told == claims, "\(told.symmetricDifference(claims))")
    for model in HistoryStep.all.flatMap(\.models)
    where !LineageMember.all.contains(where: { $0.id == model }) {
      #expect(throws: Never.self) { try Catalog.find(model) }
    }
    #expect(HistoryStep.all.map(\.year) == HistoryStep.all.map(\.year).sorted())
  }
}

extension NamedTensors {
  fileprivate func filtered(_ isKept: (String) -> Bool) -> NamedTensors {
    var result = NamedTensors()
    for (name, value) in self where isKept(name) { result[name] = value }
    return result
  }
}
