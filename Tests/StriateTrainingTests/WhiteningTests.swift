import StriateCore
import StriateData
import StriateFormats
import StriateIR
import StriateNN
import StriateRuntime
import StriateTestSupport
import StriateTraining
import Testing

/// Images whose pixels and channels go together, as those of photographs do.
private func smoothImages(_ count: Int, channels: Int = 2, side: Int = 9) throws -> TensorDataset {
  var random = RandomStream(seed: 3, "images", 0)
  func noise() -> Float { Float.random(in: -0.5..<0.5, using: &random) }
  var values: [Float] = []
  for _ in 0..<count {
    let common = (0..<(side * side)).map { _ in noise() }
    for channel in 0..<channels {
      for place in 0..<(side * side) {
        let left = place % side > 0 ? values.last ?? 0 : 0
        values.append(0.6 * left + common[place] + Float(channel) * 0.5 * noise())
      }
    }
  }
  return try TensorDataset(
    inputs: HostTensor(values, shape: [count, channels, side, side]),
    labels: [Int32](repeating: 0, count: count), classNames: ["one"])
}

/// What filters make of every patch: the mean product of any two answers; and the patches' mean power.
private func products(
  _ filters: HostTensor, _ data: TensorDataset
) throws -> (found: [[Double]], power: Double) {
  let shape = filters.shape
  let weights = filters.scalars(as: Double.self)
  let width = shape.count / shape[0]
  let input = data.inputShape
  var sums = [[Double]](
    repeating: [Double](repeating: 0, count: shape[0]), count: shape[0])
  var (patches, power) = (0.0, 0.0)
  var sample = [Float](repeating: 0, count: input.count)
  for index in 0..<data.count {
    _ = try sample.withUnsafeMutableBufferPointer { try data.read(index, into: $0) }
    for row in 0...(input[1] - shape[2]) {
      for column in 0...(input[2] - shape[3]) {
        var patch: [Double] = []
        for channel in 0..<shape[1] {
          for y in 0..<shape[2] {
            for x in 0..<shape[3] {
              let place = (channel * input[1] + row + y) * input[2] + column + x
              patch.append(Double(sample[place]))
            }
          }
        }
        let answers = (0..<shape[0]).map { filter in
          (0..<width).reduce(0) { $0 + weights[filter * width + $1] * patch[$1] }
        }
        for a in 0..<shape[0] { for b in 0..<shape[0] { sums[a][b] += answers[a] * answers[b] } }
        power += patch.reduce(0) { $0 + $1 * $1 }
        patches += 1
      }
    }
  }
  return (sums.map { $0.map { $0 / patches } }, power / patches)
}

@Suite struct WhiteningTests {
  /// The answers are uncorrelated, their squares `λ/(λ + ε)`; the second half is the first one's negative.
  @Test func answersAreUncorrelated() throws {
    let data = try smoothImages(40)
    let filters = try PatchWhitening.filters([16, 2, 2, 2], of: data)
    let (found, power) = try products(filters, data)
    for a in 0..<8 {
      #expect(found[a][a] < 1 && found[a][a] > (a == 0 ? 0.99 : 0.5), "\(a): \(found[a][a])")
      #expect(abs(found[a][a + 8] + found[a][a]) < 1e-5)
      for b in 0..<a { #expect(abs(found[a][b]) < 1e-5, "\(a) and \(b): \(found[a][b])") }
    }
    let variances = (0..<8).map { PatchWhitening.epsilon * found[$0][$0] / (1 - found[$0][$0]) }
    #expect(abs(variances.reduce(0, +) / power - 1) < 1e-3)
    #expect((1..<8).allSatisfy { found[$0][$0] <= found[$0 - 1][$0 - 1] + 1e-6 })
  }

  @Test(arguments: [Shape([4, 3, 2, 2]), [17, 2, 2, 2], [4, 2, 10, 1], [4, 2]])
  func filtersThatDoNotFitAreRefused(_ shape: Shape) throws {
    let data = try smoothImages(2)
    let error = #expect(throws: TrainingError.self) {
      try PatchWhitening.filters(shape, of: data)
    }
    #expect("\(try #require(error))".contains("patches of samples"))
  }
}
