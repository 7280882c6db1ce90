import StriateCore

extension Claim {
  /// What an experiment must show for its claim to hold, written down before it is run.
  ///
  /// ```swift
  /// Bar("steps of tanh / steps of ReLU", .atLeast, 2)
  /// ```
  public struct Bar: Sendable, Hashable, CustomStringConvertible {
    /// How a quantity is held against a limit.
    public enum Relation: String, Sendable, Hashable, CaseIterable {
      case atLeast = "≥"
      case atMost = "≤"
      case above = ">"
      case below = "<"
      case equals = "="
    }

    /// The quantity, as the experiment names it.
    public let quantity: String
    /// How it is held against the limit.
    public let relation: Relation
    /// The limit.
    public let limit: Double

    /// A bar.
    public init(_ quantity: String, _ relation: Relation, _ limit: Double) {
      self.quantity = quantity
      self.relation = relation
      self.limit = limit
    }

    /// Whether a value holds; one that is no number never does.
    ///
    /// A value that differs from the limit by no more than the rounding of a few operations is the limit: 25 of 5,000
    /// pictures are half a point, whatever 0.8524 − 0.8574 comes to.
    public func holds(_ value: Double) -> Bool {
      let isLimit = abs(value - limit) <= 1e-12 * max(1, abs(limit))
      return switch relation {
      case .atLeast: isLimit || value > limit
      case .atMost: isLimit || value < limit
      case .above: !isLimit && value > limit
      case .below: !isLimit && value < limit
      case .equals: isLimit
      }
    }

    /// The bar as it is read: `steps of tanh / steps of ReLU ≥ 2`.
    public var description: String { "\(quantity) \(relation.rawValue) \(Numbers.plain(limit))" }
  }
}
