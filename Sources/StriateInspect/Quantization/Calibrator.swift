import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the range of an activation is chosen from the numbers that were seen.
public enum CalibrationMethod: String, Sendable, Hashable, CaseIterable {
  /// The greatest size that was seen: nothing is cut off.
  case minmax
  /// A size that all but a small share keep.
  case percentile
  /// The size at which the integers' distribution is nearest to the numbers' (Migacz, "8-bit inference with
  /// TensorRT", GTC 2017).
  case kl
}

/// The sizes of the numbers that a value took, counted in bins between 0 and the greatest.
package struct SizeHistogram {
  static let binCount = 2048
  /// The greatest size.
  package private(set) var greatest = 0.0
  /// Numbers a bin; zeros are not counted, since every scale writes them exactly.
  package private(set) var counts: [Int] = []

  /// Nothing seen yet.
  package init() {}

  /// Looks for the greatest size; NaN is passed over.
  ///
  /// - Returns: false where a number is not finite.
  package mutating func range(_ numbers: UnsafeBufferPointer<Float>) -> Bool {
    var most: Float = 0
    var isFinite = true
    for number in numbers {
      let size = abs(number)
      if size > most { most = size }
      if !size.isFinite { isFinite = false }
    }
    greatest = max(greatest, Double(most))
    return isFinite
  }

  /// Counts numbers, once the greatest size is known.
  package mutating func count(_ numbers: UnsafeBufferPointer<Float>) {
    if counts.isEmpty { counts = [Int](repeating: 0, count: Self.binCount) }
    guard greatest > 0 else { return }
    let factor = Float(Double(Self.binCount) / greatest)
    let last = Self.binCount - 1
    counts.withUnsafeMutableBufferPointer { counts in
      for number in numbers {
        let place = abs(number) * factor
        if place > 0, place.isFinite { counts[min(Int(place), last)] += 1 }
      }
    }
  }

  /// The size that the last integer stands for.
  ///
  /// - Parameters:
  ///   - levels: integers of one sign: 128 or 256.
  ///   - percentile: the share of the numbers to keep, in percent.
  package func threshold(_ method: CalibrationMethod, levels: Int, percentile: Double) -> Double {
    switch method {
    case .minmax: return greatest
    case .percentile: return percentileThreshold(percentile)
    case .kl: return divergenceThreshold(levels)
    }
  }

  private func percentileThreshold(_ percentile: Double) -> Double {
    let total = counts.reduce(0, +)
    let most = Double(total) * percentile / 100
    var sum = 0
    for (bin, count) in counts.enumerated() {
      sum += count
      if Double(sum) >= most { return greatest * Double(bin + 1) / Double(Self.binCount) }
    }
    return greatest
  }

  /// The threshold of the least divergence of the numbers' distribution from that of the integers.
  private func divergenceThreshold(_ levels: Int) -> Double {
    var best = (divergence: Double.infinity, bins: Self.binCount)
    let total = Double(counts.reduce(0, +))
    guard total > 0 else { return greatest }
    for bins in levels...Self.binCount {
      let divergence = divergence(bins: bins, levels: levels, total: total)
      if divergence < best.divergence { best = (divergence, bins) }
    }
    return greatest * Double(best.bins) / Double(Self.binCount)
  }

  /// `Σ p · log(p / q)`, where `p` has all beyond the threshold in its last bin, and `q` spreads the numbers of
  /// each integer evenly over those of its bins that have any.
  private func divergence(bins: Int, levels: Int, total: Double) -> Double {
    let outliers = counts[bins...].reduce(0, +)
    var sum = 0.0
    var kept = 0.0
    for bin in 0..<bins { kept += Double(counts[bin]) }
    guard kept > 0 else { return .infinity }
    for level in 0..<levels {
      let (begin, end) = (level * bins / levels, (level + 1) * bins / levels)
      var (mass, filled) = (0, 0)
      for bin in begin..<end where counts[bin] > 0 {
        mass += counts[bin]
        filled += 1
      }
      if begin < bins, end == bins, outliers > 0, counts[bins - 1] == 0 {
        // The last bin holds what is cut off and the integers have nothing there.
        return .infinity
      }
      guard filled > 0 else { continue }
      let q = Double(mass) / Double(filled) / kept
      for bin in begin..<end where counts[bin] > 0 {
        let p = Double(counts[bin] + (bin == bins - 1 ? outliers : 0)) / total
        sum += p * log(p / q)
      }
    }
    return sum
  }
}
