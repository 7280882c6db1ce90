import StriateCore
import StriateData
import StriateNN
import StriateRuntime
import StriateTraining
import Testing

/// Many draws for batches of images of 20 × 30.
private func draws(_ mixing: Mixing, _ count: Int, seed: UInt64 = 3) -> [Mix] {
  (0..<count).map { mixing.draw([4, 3, 20, 30], seed: seed, step: $0) }
}

@Test(arguments: [0.2, 1, 8])
func sharesAreBetaDistributed(_ alpha: Double) {
  let count = 20_000
  let shares = draws(Mixing(mixup: alpha), count).map(\.share)
  #expect(shares.allSatisfy { $0 >= 0 && $0 <= 1 })
  let mean = shares.reduce(0, +) / Double(count)
  let variance = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(count)
  let expected = 1 / (4 * (2 * alpha + 1))
  // Five standard errors.
  #expect(abs(mean - 0.5) < 5 * (expected / Double(count)).squareRoot(), "mean \(mean)")
  #expect(abs(variance / expected - 1) < 0.05, "variance \(variance), not \(expected)")
  if alpha == 1 {
    for bound in [0.1, 0.25, 0.8] {
      let below = Double(shares.count { $0 < bound }) / Double(count)
      #expect(abs(below - bound) < 0.02)
    }
  }
}

@Test func extremeShapesGiveShares() {
  for alpha in [1e-300, 1e-9, 1e-3, 1e6, 1e300] {
    for mix in draws(Mixing(mixup: alpha, cutmix: alpha), 50) {
      #expect(mix.share >= 0 && mix.share <= 1, "alpha \(alpha)")
    }
  }
  for shape in [[], [0], [1], [2, 3], [2, 0, 0], [1, 1, 1]] as [Shape] {
    #expect(Mixing(cutmix: 1).draw(shape, seed: 1, step: -4).share.isFinite)
  }
}

@Test func drawsDependOnSeedAndStepAlone() {
  let both = Mixing(mixup: 0.4, cutmix: 1)
  let first = draws(both, 200)
  #expect(draws(both, 200) == first)
  #expect(draws(both, 200, seed: 4) != first)
  #expect(Set(draws(Mixing(mixup: 0.4), 200).map(\.share)).count == 200)
  let boxes = first.count { $0.box != nil }
  #expect((60...140).contains(boxes), "\(boxes) of 200 are boxes")
}

@Test func samplesAreMixedWithTheOneBefore() throws {
  let values = (0..<(4 * 3 * 600)).map { Float($0) }
  for mix in draws(Mixing(mixup: 1), 5) + draws(Mixing(cutmix: 1), 40) {
    let found = applied(mix, values)
    var taken = 0
    for index in values.indices {
      let other = (index + values.count - 1800) % values.count
      let (row, column) = (index % 600 / 30, index % 30)
      if let box = mix.box {
        let isInside = box.rows.contains(row) && box.columns.contains(column)
        taken += isInside ? 1 : 0
        #expect(found[index] == values[isInside ? other : index])
      } else {
        let blend = values[index] * Float(mix.share) + values[other] * Float(1 - mix.share)
        #expect(found[index] == blend)
      }
    }
    if mix.box != nil { #expect(abs(1 - Double(taken) / Double(values.count) - mix.share) < 1e-12) }
  }
}

@Test func labelsAreRolled() {
  let mix = Mixing(mixup: 1).draw([3, 2], seed: 0, step: 0)
  for labels in [[], [5], [1, 2, 3]] as [[Int32]] {
    var rolled = labels
    labels.withUnsafeBufferPointer { from in
      rolled.withUnsafeMutableBufferPointer { mix.roll(from, into: $0) }
    }
    #expect(rolled == labels.suffix(1) + labels.dropLast())
  }
}

@Test func boxesNeedImages() {
  let error = #expect(throws: TrainingError.self) {
    try TrainingStep(
      Objective(Linear(in: 3, out: 2)), rule: UpdateRule(SGD()), mixing: Mixing(cutmix: 1),
      batch: BatchType(classifying: TensorType(.float32, [2, 3])), on: .reference)
  }
  #expect(error?.code == .mismatch)
}

private func applied(_ mix: Mix, _ values: [Float]) -> [Float] {
  var found = [Float](repeating: -1, count: values.count)
  values.withUnsafeBufferPointer { from in
    found.withUnsafeMutableBufferPointer { mix.apply(from, into: $0) }
  }
  return found
}
