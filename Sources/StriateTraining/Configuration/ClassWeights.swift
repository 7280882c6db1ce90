import StriateNN

/// The weights of classes in a loss, as settings name them: how they follow from the training data, or the numbers.
public enum ClassWeights: Sendable, Hashable, CustomStringConvertible {
  /// Computed from how often classes occur.
  case balance(ClassBalance)
  /// A number a class.
  case given([Double])

  /// Reads `balanced`, another rule of `ClassBalance`, or numbers joined by commas; nil where it is none, a number is
  /// negative or none is positive.
  public init?(_ text: String) {
    if let rule = ClassBalance(rawValue: text) {
      self = .balance(rule)
      return
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 && $0.isFinite }),
      numbers.contains(where: { $0 > 0 })
    else { return nil }
    self = .given(numbers)
  }

  /// The text that `init(_:)` reads.
  public var description: String {
    switch self {
    case .balance(let rule): rule.rawValue
    case .given(let numbers): numbers.map { "\($0)" }.joined(separator: ",")
    }
  }
}
