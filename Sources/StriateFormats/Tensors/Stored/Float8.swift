/// Floating-point numbers of eight bits.
///
/// Micikevicius et al., "FP8 formats for deep learning", 2022 (E4M3 and E5M2); Noune et al., "8-bit numerical formats for
/// deep neural networks", 2022 (the forms without a negative zero); OCP "Microscaling formats", 2023 (E8M0: scales).
enum Float8 {
  case e4m3fn, e5m2, e4m3fnuz, e5m2fnuz, e8m0

  /// The value of each of the 256 codes.
  var table: [Float] { (0..<256).map { value(UInt8($0)) } }

  private func value(_ code: UInt8) -> Float {
    if self == .e8m0 {
      return code == 255 ? .nan : Float(sign: .plus, exponent: Int(code) - 127, significand: 1)
    }
    let isNegative = code & 0x80 != 0
    let mantissaBits = self == .e4m3fn || self == .e4m3fnuz ? 3 : 2
    let exponent = Int(code & 0x7F) >> mantissaBits
    let mantissa = Int(code) & (1 << mantissaBits - 1)
    let bias: Int
    switch self {
    case .e4m3fn:
      if code & 0x7F == 0x7F { return .nan }
      bias = 7
    case .e5m2:
      if exponent == 31 {
        return mantissa == 0 ? (isNegative ? -.infinity : .infinity) : .nan
      }
      bias = 15
    case .e4m3fnuz, .e5m2fnuz, .e8m0:
      // What would be the negative zero is the only NaN, and no code is infinite.
      if code == 0x80 { return .nan }
      bias = self == .e4m3fnuz ? 8 : 16
    }
    // Below the least exponent numbers are not normalised.
    let whole = exponent == 0 ? mantissa : mantissa + 1 << mantissaBits
    let power = max(exponent, 1) - bias - mantissaBits
    return Float(
      sign: isNegative ? .minus : .plus, exponent: power, significand: Float(whole))
  }
}
