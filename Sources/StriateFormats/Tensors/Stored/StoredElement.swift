import StriateCore

/// How a file stores a number.
///
/// Each is read as a type of `HostTensor` that holds all its values; those that none holds are named and refused where
/// they are needed.
enum StoredElement: String, Hashable, CaseIterable {
  case float64, float32, float16, bfloat16
  case float8e4m3fn, float8e5m2, float8e4m3fnuz, float8e5m2fnuz, float8e8m0
  case int64, int32, int16, int8, uint64, uint32, uint16, uint8, bool
  case complex128, complex64, complex32
  case float6e2m3, float6e3m2, float4e2m1

  /// Bits one number takes in the file.
  var bits: Int {
    switch self {
    case .complex128: 128
    case .float64, .int64, .uint64, .complex64: 64
    case .float32, .int32, .uint32, .complex32: 32
    case .float16, .bfloat16, .int16, .uint16: 16
    case .float8e4m3fn, .float8e5m2, .float8e4m3fnuz, .float8e5m2fnuz, .float8e8m0: 8
    case .int8, .uint8, .bool: 8
    case .float6e2m3, .float6e3m2: 6
    case .float4e2m1: 4
    }
  }

  /// Bytes one number takes; nil where several share a byte.
  var size: Int? { bits % 8 == 0 ? bits / 8 : nil }

  /// The type that the numbers are read as; nil where none holds them.
  var dtype: DType? {
    switch self {
    case .float64: .float64
    case .float32, .float16, .bfloat16: .float32
    case .float8e4m3fn, .float8e5m2, .float8e4m3fnuz, .float8e5m2fnuz, .float8e8m0: .float32
    case .int64, .uint64, .uint32: .int64
    case .int32, .int16, .uint16: .int32
    case .int8: .int8
    case .uint8: .uint8
    case .bool: .bool
    case .complex128, .complex64, .complex32, .float6e2m3, .float6e3m2, .float4e2m1: nil
    }
  }

  /// The format of an eight-bit floating-point number; nil of others.
  var float8: Float8? {
    switch self {
    case .float8e4m3fn: .e4m3fn
    case .float8e5m2: .e5m2
    case .float8e4m3fnuz: .e4m3fnuz
    case .float8e5m2fnuz: .e5m2fnuz
    case .float8e8m0: .e8m0
    default: nil
    }
  }

  /// What stands beside a tensor's extents in messages: `f32`, `complex64`.
  var description: String { dtype.map { "\($0)" } ?? rawValue }
}
