import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension RandomStream {
  /// A number in [0, 1) of 53 bits.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number between two, the lower one included.
  public mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// A whole number from 0 to `count - 1`; 0 where there is none.
  public mutating func index(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(max(count, 0))).high)
  }

  /// Whether something of this probability happens.
  public mutating func happens(_ probability: Double) -> Bool { unit() < probability }

  /// A number of the standard normal distribution, by Box and Muller.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * Double.pi * unit())
  }
}

/// A number rounded to the nearest whole one, halves to even; out of any range 0.
func whole(_ value: Double) -> Int {
  Int(exactly: value.rounded(.toNearestOrEven)) ?? 0
}

/// A number as text reads it back: without a fraction where it has none.
func plain(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A range as text reads it back.
func plain(_ range: ClosedRange<Double>) -> String {
  "\(plain(range.lowerBound))..\(plain(range.upperBound))"
}

/// `name` or `name(a,b=c)` of those arguments that are not nil.
func callText(_ name: String, _ arguments: String?...) -> String {
  let given = arguments.compactMap { $0 }
  return given.isEmpty ? name : "\(name)(\(given.joined(separator: ",")))"
}
