import Striate
import Testing

/// Changed test pictures.
@Suite struct DisturbanceTests {
  /// A picture of 8×8 with one bright pixel, normalised by mean 0.5 and deviation 0.25.
  private func picture(_ row: Int, _ column: Int) throws -> HeldPictures {
    var values = [Float](repeating: -2, count: 64)
    values[row * 8 + column] = 2
    return try HeldPictures(
      TensorDataset(inputs: HostTensor(values, shape: [1, 1, 8, 8]), labels: [0]))
  }

  private func applied(_ disturbance: Disturbance, _ pictures: HeldPictures) -> [Float] {
    disturbance.applied(to: pictures, mean: [0.5], std: [0.25], seed: 7).values
  }

  @Test func movedPicturesKeepTheirPixels() throws {
    let moved = applied(.moved(2), try picture(3, 4))
    let bright = try #require(moved.firstIndex { $0 > 1.99 })
    #expect([[1, 4], [5, 4], [3, 2], [3, 6]].contains([bright / 8, bright % 8]))
    #expect(moved.count { $0 > -1.99 } == 1)
  }

  /// What nothing is done to stays, to rounding.
  @Test(arguments: [Disturbance.moved(0), .scaled(1), .turned(0), .noise(0)])
  func nothingDoneIsNothingChanged(_ disturbance: Disturbance) throws {
    let plain = try picture(2, 5)
    for (a, b) in zip(applied(disturbance, plain), plain.values) { #expect(abs(a - b) < 1e-5) }
  }

  /// A turn about the middle, and its brightness, which straight lines between pixels keep nearly.
  @Test func turnedPicturesGoRound() throws {
    let turned = applied(.turned(90), try picture(1, 3))
    let bright = try #require(turned.indices.max { turned[$0] < turned[$1] })
    #expect([[3, 6], [4, 1]].contains([bright / 8, bright % 8]), "\(bright)")
  }

  @Test func blurKeepsBrightnessAndHidingMakesBlack() throws {
    let blurred = applied(.blurred(1), try picture(3, 4)).map { ($0 + 2) / 4 }
    #expect(abs(blurred.reduce(0, +) - 1) < 0.02 && (blurred.max() ?? 1) < 0.2)
    var bright = try picture(0, 0)
    bright.values = [Float](repeating: 2, count: 64)
    #expect(applied(.hidden(0.5), bright).count { $0 < -1.99 } == 16)
  }

  /// The seed decides, and each picture has its own draw.
  @Test func drawsAreTheSeeds() throws {
    var many = try picture(3, 4)
    many.values = (0..<20).flatMap { _ in many.values }
    many.labels = [Int32](repeating: 0, count: 20)
    let once = applied(.moved(2), many)
    #expect(once == applied(.moved(2), many))
    let places = (0..<20).map { (picture: Int) -> Int? in
      let values = Array(once[(picture * 64)..<((picture + 1) * 64)])
      return values.firstIndex { $0 > 1 }
    }
    #expect(Set(places).count > 1)
  }
}
