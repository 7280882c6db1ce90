import StriateCore

/// How far a tensor is from another: ‖a − b‖₂ / ‖b‖₂, the project's metric.
///
/// Infinite for different shapes and where NaN or infinities stand at different places; ‖a‖₂ where b is 0.
public func agreement(_ a: HostTensor, _ b: HostTensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  return agreement(a.scalars(as: Double.self), b.scalars(as: Double.self))
}

/// How far a list of numbers is from another: ‖a − b‖₂ / ‖b‖₂.
public func agreement(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var (difference, norm) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    if !x.isFinite || !y.isFinite {
      guard x == y || (x.isNaN && y.isNaN) else { return .infinity }
      continue
    }
    difference += (x - y) * (x - y)
    norm += y * y
  }
  return norm > 0 ? (difference / norm).squareRoot() : difference.squareRoot()
}
