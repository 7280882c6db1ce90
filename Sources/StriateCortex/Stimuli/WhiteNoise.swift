import StriateCore

/// Every pixel of every picture drawn for itself, black or white.
///
/// What a cell answers to it tells its filter: de Boer and Kuyper, 1968; Chichilnisky, "A simple white noise analysis of
/// neuronal light responses", 2001.
public struct WhiteNoise: Sendable {
  /// From 0 to 1: how far from grey black and white are.
  public var contrast: Double
  /// What is drawn.
  public var seed: UInt64

  /// Noise of black and white.
  public init(contrast: Double = 1, seed: UInt64 = 0) {
    self.contrast = contrast
    self.seed = seed
  }

  /// The picture at a time, the same whenever it is asked for.
  public func frame(_ time: Int, width: Int, height: Int) -> [Float] {
    let count = width * height
    var random = RandomStream(seed: seed, "noise", time)
    let (black, white) = (Float(0.5 * (1 - contrast)), Float(0.5 * (1 + contrast)))
    var pixels: [Float] = []
    pixels.reserveCapacity(count)
    while pixels.count < count {
      var bits = random.next()
      for _ in 0..<min(64, count - pixels.count) {
        pixels.append(bits & 1 == 0 ? black : white)
        bits >>= 1
      }
    }
    return pixels
  }
}
