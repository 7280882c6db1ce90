import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A range of numbers with round marks on it.
package struct Axis: Sendable, Hashable {
  /// The ends of the range; the lower one is always less.
  package let low, high: Double
  /// Whether equal distances are equal ratios.
  package let isLog: Bool
  /// The marks within the range, ascending.
  package let ticks: [Double]
  /// What is written at each mark.
  package let labels: [String]

  /// An axis that holds the numbers; what is not finite is left out, as is what is not positive on a
  /// logarithmic one.
  ///
  /// - Parameters:
  ///   - count: about how many marks there are to be.
  ///   - isWhole: marks only whole numbers, where there are two of them.
  ///   - isLog: asks for a logarithmic axis; where no number is positive it is linear.
  package init(_ numbers: [Double], count: Int = 5, isLog: Bool = false, isWhole: Bool = false) {
    let finite = numbers.filter { $0.isFinite && abs($0) < 1e300 }
    let positive = finite.filter { $0 > 1e-300 }
    self.isLog = isLog && !positive.isEmpty
    let used = self.isLog ? positive : finite
    let (least, greatest) = (used.min() ?? 0, used.max() ?? 1)
    if self.isLog {
      (low, high, ticks) = Self.decades(least, greatest, count)
    } else {
      (low, high, ticks) = Self.steps(
        least, greatest, count, least: isWhole && greatest - least >= 1 ? 1 : 0)
    }
    labels = Self.labels(ticks, isLog: self.isLog)
  }

  /// Where a number stands between the ends, from 0 to 1; nil where it has no place.
  package func place(_ number: Double) -> Double? {
    guard number.isFinite, !isLog || number > 0 else { return nil }
    let share =
      isLog
      ? (log10(number) - log10(low)) / (log10(high) - log10(low)) : (number - low) / (high - low)
    return share.isFinite ? min(max(share, 0), 1) : nil
  }

  private static func steps(
    _ least: Double, _ greatest: Double, _ count: Int, least leastStep: Double
  ) -> (Double, Double, [Double]) {
    var (least, greatest) = (least, greatest)
    if !(greatest - least > max(abs(least), abs(greatest)) * 1e-12) {
      // A single number stands in the middle.
      let half = least == 0 ? 0.5 : abs(least) / 2
      (least, greatest) = (least - half, greatest + half)
    }
    let rough = max((greatest - least) / Double(max(count, 1)), leastStep)
    let power = pow(10, floor(log10(rough)))
    let step = ([1, 2, 5].first { $0 * power >= rough * 0.999 } ?? 10) * power
    let (first, last) = (floor(least / step + 1e-9), ceil(greatest / step - 1e-9))
    guard step > 0, step.isFinite, last - first < 100 else {
      return (least, greatest, [least, greatest])
    }
    let ticks = (0...Int(last - first)).map { index in
      let tick = (first + Double(index)) * step
      return abs(tick) < step / 2 ? 0 : tick
    }
    return (ticks.first ?? least, ticks.last ?? greatest, ticks)
  }

  private static func decades(
    _ least: Double, _ greatest: Double, _ count: Int
  ) -> (Double, Double, [Double]) {
    var (first, last) = (Int(floor(log10(least) + 1e-9)), Int(ceil(log10(greatest) - 1e-9)))
    if first >= last { (first, last) = (last - 1, last) }
    let factors: [Double] = last - first <= 2 ? [1, 2, 5] : [1]
    let stride = max((last - first) / max(count, 1), 1)
    let all = (first...last).filter { ($0 - first) % stride == 0 }.flatMap { power in
      factors.map { $0 * pow(10, Double(power)) }
    }
    let (low, high) = (pow(10, Double(first)), pow(10, Double(last)))
    return (low, high, all.filter { $0 <= high * 1.000001 })
  }

  private static func labels(_ ticks: [Double], isLog: Bool) -> [String] {
    let largest = ticks.map(abs).max() ?? 0
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : largest
    if isLog { return ticks.map { power($0) } }
    guard largest < 1e6, step >= 1e-5 || largest == 0 else { return ticks.map { power($0) } }
    let digits = step > 0 ? max(Int(ceil(-log10(step) - 1e-9)), 0) : 0
    return ticks.map { Numbers.fixed($0, digits) }
  }

  /// `5`, `0.02`, `2e-05`, `3e+07`.
  private static func power(_ number: Double) -> String {
    if number == 0 { return "0" }
    let exponent = Int(floor(log10(abs(number)) + 1e-9))
    if (0...5).contains(exponent) { return Numbers.fixed(number, 0) }
    if (-3..<0).contains(exponent) { return Numbers.fixed(number, -exponent) }
    let head = number / pow(10, Double(exponent))
    let digits = abs(head - head.rounded()) < 1e-6 ? 0 : 1
    return "\(Numbers.fixed(head, digits))e\(exponent)"
  }
}
