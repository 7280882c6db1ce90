import CCodecs
import StriateCore

/// The distribution of numbers, in the buckets that TensorFlow uses.
///
/// Limits grow by a tenth from 10⁻¹² to 10²⁰ on both sides of zero; runs of empty buckets stand as one.
public struct Histogram: Sendable, Hashable {
  /// The least number; 0 where there is none.
  public var least = 0.0
  /// The greatest number; 0 where there is none.
  public var greatest = 0.0
  /// How many numbers there are.
  public var count = 0.0
  /// Their sum.
  public var sum = 0.0
  /// The sum of their squares.
  public var squares = 0.0
  /// The upper limits of the buckets, ascending; the number on a limit belongs to the bucket above.
  public var limits: [Double] = []
  /// How many numbers are in each bucket.
  public var counts: [Double] = []

  /// The distribution of a tensor's finite elements; NaN and infinities are left out.
  public init(_ tensor: HostTensor) {
    var counts = [UInt64](repeating: 0, count: Self.allLimits.count)
    var found = codecs_statistics()
    let values = tensor.dtype == .float32 ? tensor : tensor.converted(to: .float32)
    values.withUnsafeBytes { bytes in
      let numbers = bytes.bindMemory(to: Float.self)
      codecs_histogram_f32(
        numbers.baseAddress, numbers.count, Self.allLimits, counts.count, &counts, &found)
    }
    (least, greatest) = (found.least, found.greatest)
    (count, sum, squares) = (Double(found.finite), found.sum, found.squares)
    merge(counts)
  }

  init() {}

  /// Keeps filled buckets, and of each run of empty ones the last.
  private mutating func merge(_ counts: [UInt64]) {
    for (index, count) in counts.enumerated() {
      let isFollowedByEmpty = index + 1 < counts.count && counts[index + 1] == 0
      if count == 0, isFollowedByEmpty { continue }
      limits.append(Self.allLimits[index])
      self.counts.append(Double(count))
    }
  }

  /// The limits of all buckets: those of TensorFlow's `Histogram`.
  static let allLimits: [Double] = {
    var positive: [Double] = []
    var limit = 1e-12
    while limit < 1e20 {
      positive.append(limit)
      limit *= 1.1
    }
    positive.append(Double.greatestFiniteMagnitude)
    return positive.reversed().map { -$0 } + [0] + positive
  }()
}
