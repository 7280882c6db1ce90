/// How a cell weighs the past: `(kt)ⁿ·e^(−kt)·[1/n! − (kt)²/(n + 2)!]` (Adelson and Bergen, 1985, equation 1).
///
/// n = 3 is the fast filter and n = 5 the slow one; together they are nearly in quadrature.
public struct TemporalFilter: Sendable, Hashable {
  /// The order n.
  public var order: Int
  /// The rate k times the time of a picture.
  public var rate: Double

  /// A filter.
  public init(order: Int, rate: Double) { (self.order, self.rate) = (order, rate) }

  /// The weights of the latest picture, the one before it, and so on; a norm of one.
  public func weights(_ count: Int) -> [Double] {
    func factorial(_ n: Int) -> Double { (1...max(n, 1)).reduce(1.0) { $0 * Double($1) } }
    let values = (0..<max(count, 0)).map { step -> Double in
      let t = rate * Double(step)
      var power = 1.0
      for _ in 0..<order { power *= t }
      return power * Angle.exp(-t) * (1 / factorial(order) - t * t / factorial(order + 2))
    }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? values.map { $0 / norm } : values
  }
}
