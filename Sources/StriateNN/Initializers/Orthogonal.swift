import StriateCore
import StriateIR

extension Initializer {
  /// Rows or columns, whichever are fewer, that are orthogonal and of length `gain`.
  ///
  /// A filter `[O, I, k…]` counts as the matrix `[O, I·k…]`. As PyTorch's `orthogonal_`: the factor Q of
  /// drawn normal numbers, its signs chosen so that R's diagonal is positive. Saxe, McClelland and Ganguli,
  /// "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    let name = "orthogonal(gain: \(gain))"
    let basis: @Sendable ([Double], Shape) -> [Double] = { values, shape in
      OrthogonalBasis.of(values, rows: shape[0]).map { $0 * gain }
    }
    return Initializer(name, finish: basis) { builder, shape in
      guard shape.rank >= 2, gain.isFinite else {
        return builder.refuse(
          name, "takes a matrix or a filter and a finite gain, found \(shape) and \(gain)")
      }
      return builder.random(.normal, shape)
    }
  }
}

/// Orthogonal bases by the Gram–Schmidt process, each vector cleared twice ("twice is enough", Kahan).
enum OrthogonalBasis {
  /// A matrix of this many rows whose rows, or columns if they are fewer, are orthogonal and of length 1.
  static func of(_ values: [Double], rows: Int) -> [Double] {
    guard rows > 0, !values.isEmpty, values.count.isMultiple(of: rows) else { return values }
    let columns = values.count / rows
    if rows <= columns { return flattened(orthonormal(split(values, rows, columns))) }
    let tall = transposed(values, rows, columns)
    return transposed(flattened(orthonormal(split(tall, columns, rows))), columns, rows)
  }

  private static func orthonormal(_ vectors: [[Double]]) -> [[Double]] {
    var basis: [[Double]] = []
    for vector in vectors {
      var rest = vector
      for _ in 0..<2 {
        for known in basis {
          let share = dot(known, rest)
          for place in rest.indices { rest[place] -= share * known[place] }
        }
      }
      let length = dot(rest, rest).squareRoot()
      basis.append(length > 0 ? rest.map { $0 / length } : rest)
    }
    return basis
  }

  /// Four sums side by side, always the same four: fast, and the same bytes everywhere.
  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sums = SIMD4<Double>.zero
    let whole = a.count & ~3
    for place in stride(from: 0, to: whole, by: 4) {
      let x = SIMD4(a[place], a[place + 1], a[place + 2], a[place + 3])
      sums += x * SIMD4(b[place], b[place + 1], b[place + 2], b[place + 3])
    }
    return (whole..<a.count).reduce(sums.sum()) { $0 + a[$1] * b[$1] }
  }

  private static func split(_ values: [Double], _ rows: Int, _ columns: Int) -> [[Double]] {
    (0..<rows).map { Array(values[($0 * columns)..<(($0 + 1) * columns)]) }
  }

  private static func flattened(_ rows: [[Double]]) -> [Double] { rows.flatMap { $0 } }

  private static func transposed(_ values: [Double], _ rows: Int, _ columns: Int) -> [Double] {
    (0..<values.count).map { values[($0 % rows) * columns + $0 / rows] }
  }
}
