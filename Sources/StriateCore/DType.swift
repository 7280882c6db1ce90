/// The element type of a tensor.
public enum DType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case float32, float64, int32, int64, uint8, int8, bool

  /// Bytes one element takes.
  public var size: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .uint8, .int8, .bool: 1
    }
  }

  /// Whether values are floating point, and so may carry a gradient.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// Whether values are whole numbers; booleans are none.
  public var isInteger: Bool { !isFloatingPoint && self != .bool }

  /// The short name used in messages, such as `f32`.
  public var description: String {
    switch self {
    case .float32: "f32"
    case .float64: "f64"
    case .int32: "i32"
    case .int64: "i64"
    case .uint8: "u8"
    case .int8: "i8"
    case .bool: "bool"
    }
  }
}

/// A Swift type that can be a tensor's element.
public protocol Scalar: Sendable, BitwiseCopyable {
  /// The element type that this Swift type stands for.
  static var dtype: DType { get }
  /// The value as a Double; booleans are 0 and 1.
  var asDouble: Double { get }
  /// The nearest representable value; integers truncate towards zero and saturate, NaN gives 0.
  init(fromDouble value: Double)
}

extension Float: Scalar {
  public static var dtype: DType { .float32 }
  public var asDouble: Double { Double(self) }
  public init(fromDouble value: Double) { self = Float(value) }
}

extension Double: Scalar {
  public static var dtype: DType { .float64 }
  public var asDouble: Double { self }
  public init(fromDouble value: Double) { self = value }
}

extension Int32: Scalar {
  public static var dtype: DType { .int32 }
  public var asDouble: Double { Double(self) }
  public init(fromDouble value: Double) { self = saturating(value) }
}

extension Int64: Scalar {
  public static var dtype: DType { .int64 }
  public var asDouble: Double { Double(self) }
  public init(fromDouble value: Double) { self = saturating(value) }
}

extension UInt8: Scalar {
  public static var dtype: DType { .uint8 }
  public var asDouble: Double { Double(self) }
  public init(fromDouble value: Double) { self = saturating(value) }
}

extension Int8: Scalar {
  public static var dtype: DType { .int8 }
  public var asDouble: Double { Double(self) }
  public init(fromDouble value: Double) { self = saturating(value) }
}

extension Bool: Scalar {
  public static var dtype: DType { .bool }
  public var asDouble: Double { self ? 1 : 0 }
  public init(fromDouble value: Double) { self = value != 0 }
}

private func saturating<I: FixedWidthInteger>(_ value: Double) -> I {
  if value.isNaN { return 0 }
  if value <= Double(I.min) { return .min }
  if value >= Double(I.max) { return .max }
  return I(value)
}
