import StriateCore
import StriateIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func constant(_ rule: Constant) -> Value { Value(rule.value) }

func fill(_ rule: Fill) -> Value { Value(repeating: rule.value, rule.type) }

/// Random numbers as every backend makes them.
///
/// Element `i` of stream `s = rule.stream(atStep: step)` under `Philox(key: seed)`, `w(k)` its `k`-th word
/// and `u(k) = (w(k) >> 8) · 2⁻²⁴`:
///
/// - uniform: `u(i)`;
/// - normal, for the pair `j = i/2` (rounded down): `r = √(−2·ln(1 − u(2j)))`, `θ = 2π·u(2j + 1)`, then
///   `r·cos θ` for even and `r·sin θ` for odd `i`, computed in Double and rounded to Float.
func random(_ rule: Random, _ arguments: Arguments) -> Value {
  let key = arguments.values[0].integers
  let generator = Philox(key: UInt64(bitPattern: key[0]))
  let stream = rule.stream(atStep: key[1])
  func unit(_ index: Int) -> Double {
    Double(Philox.unit(generator.word(at: UInt64(index), stream: stream)))
  }
  let count = rule.shape.count
  return .reals(
    filled(count) { y in
      switch rule.kind {
      case .uniform:
        for i in 0..<count { y[i] = unit(i) }
      case .normal:
        for i in stride(from: 0, to: count, by: 2) {
          let radius = (-2 * log(1 - unit(i))).squareRoot()
          let angle = 2 * Double.pi * unit(i + 1)
          y[i] = Double(Float(radius * cos(angle)))
          if i + 1 < count { y[i + 1] = Double(Float(radius * sin(angle))) }
        }
      }
    })
}
