import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// When a cell fires: a Poisson process whose rate is the cell's answer.
public struct SpikeTrain: Sendable, Hashable {
  /// The times of spikes, in pictures from the beginning.
  public let times: [Double]

  /// Draws spikes.
  ///
  /// - Parameters:
  ///   - rates: the mean number of spikes in each picture's time; below zero none.
  ///   - trial: which of several presentations it is.
  public init(rates: [Double], seed: UInt64 = 0, trial: Int = 0) {
    var random = RandomStream(seed: seed, "spikes", trial)
    var times: [Double] = []
    // A process of rate one, whose time runs as fast as the rate is great.
    var next = Self.interval(&random)
    for (frame, rate) in rates.enumerated() {
      var left = max(rate, 0)
      var begun = 0.0
      while left > 0, next <= left {
        begun += next / max(rate, 1e-300)
        times.append(Double(frame) + min(begun, 1))
        left -= next
        next = Self.interval(&random)
      }
      next -= left
    }
    self.times = times
  }

  private static func interval(_ random: inout RandomStream) -> Double {
    -log(1 - Double.random(in: 0..<1, using: &random))
  }
}
