/// A JSON value (RFC 8259).
///
/// Objects keep their order, so that the same value always gives the same text. Whole numbers that fit
/// 64 bits are kept apart from the others: `1` is `.int`, `1.0` is `.double`, and both come back as they
/// were written.
///
/// ```swift
/// let state: JSON = ["step": 12, "loss": 0.25, "tags": ["a", "b"]]
/// state["step"]?.int       // 12
/// state["tags"]?[1]?.string // "b"
/// ```
public enum JSON: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction or exponent.
  case int(Int64)
  /// Any other number.
  case double(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSON])
  /// Values under names.
  case object(JSONObject)

  /// A number, or null where it is not finite: JSON has no NaN.
  public init(_ value: Double) { self = value.isFinite ? .double(value) : .null }

  /// A number with the fewest digits that give the same Float again.
  public init(_ value: Float) { self.init(Double("\(value)") ?? Double(value)) }

  /// A whole number.
  public init(_ value: Int) { self = .int(Int64(value)) }

  /// A whole number; as a text where it does not fit 63 bits, which `uint64` reads too.
  public init(_ value: UInt64) {
    self = Int64(exactly: value).map(JSON.int) ?? .string(String(value))
  }

  /// A text.
  public init(_ value: String) { self = .string(value) }

  /// A truth value.
  public init(_ value: Bool) { self = .bool(value) }

  /// An array of what the values become.
  public init<S: Sequence<String>>(_ values: S) { self = .array(values.map(JSON.string)) }
}

// MARK: - Looking into a value

extension JSON {
  /// The member of an object; nil in any other case.
  public subscript(name: String) -> JSON? { object?[name] }

  /// The element of an array; nil in any other case.
  public subscript(index: Int) -> JSON? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The truth value.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The whole number; also of a double such as 3.0.
  public var int: Int? {
    switch self {
    case .int(let value): Int(exactly: value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The whole number from 0 on, also where it was kept as a text.
  public var uint64: UInt64? {
    switch self {
    case .int(let value): UInt64(exactly: value)
    case .string(let text): UInt64(text)
    default: nil
    }
  }

  /// The number.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The text.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements.
  public var array: [JSON]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The members.
  public var object: JSONObject? {
    if case .object(let members) = self { members } else { nil }
  }
}

// MARK: - Literals

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Values in order.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// Members in order; a repeated name keeps its last value.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(JSONObject(elements))
  }
}
