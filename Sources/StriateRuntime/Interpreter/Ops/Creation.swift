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
  /// Calls for every four elements: where they begin, and their words as numbers in [0, 1).
  func blocks(_ count: Int, _ body: (Int, SIMD4<Double>) -> Void) {
    for at in stride(from: 0, to: count, by: 4) {
      let words = generator.words(at: Philox.counter(block: UInt64(at / 4), stream: stream))
      body(at, SIMD4<Double>(words &>> 8) * 0x1p-24)
    }
  }
  let count = rule.shape.count
  return .reals(
    filled(count) { y in
      switch rule.kind {
      case .uniform:
        blocks(count) { at, units in
          for lane in 0..<min(4, count - at) { y[at + lane] = units[lane] }
        }
      case .normal:
        blocks(count) { at, units in
          for lane in stride(from: 0, to: min(4, count - at), by: 2) {
            let radius = (-2 * log(1 - units[lane])).squareRoot()
            let angle = 2 * Double.pi * units[lane + 1]
            y[at + lane] = Double(Float(radius * cos(angle)))
            if at + lane + 1 < count { y[at + lane + 1] = Double(Float(radius * sin(angle))) }
          }
        }
      }
    })
}
