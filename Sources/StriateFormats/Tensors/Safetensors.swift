import StriateCore

/// The safetensors format: an 8-byte length, a JSON header, then the tensors' bytes.
///
/// What is written is byte for byte what the reference implementation writes: names sorted by element
/// type, the widest first, and then by their bytes; the header padded with spaces to 8 bytes.
public enum Safetensors {
  /// The longest header that is read, as in the reference implementation.
  static let headerLimit = 100_000_000

  /// Tensors and texts that a file holds.
  public struct Content: Sendable, Equatable {
    /// The tensors, in the order of their bytes in the file.
    public var tensors: NamedTensors
    /// The texts under `__metadata__`.
    public var metadata: [String: String]
  }

  /// One tensor's line in the header.
  struct Entry {
    var name: String
    /// Nil for a type that is not known here.
    var element: StoredElement?
    var code: String
    var shape: Shape
    var begin: Int
    var end: Int
  }

  /// The format's names for element types.
  static let elements: [String: StoredElement] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "F8_E4M3": .float8e4m3fn,
    "F8_E5M2": .float8e5m2, "F8_E8M0": .float8e8m0, "F8_E4M3FNUZ": .float8e4m3fnuz,
    "F8_E5M2FNUZ": .float8e5m2fnuz, "F6_E2M3": .float6e2m3, "F6_E3M2": .float6e3m2,
    "F4": .float4e2m1, "I64": .int64, "I32": .int32, "I16": .int16, "I8": .int8, "U64": .uint64,
    "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool, "C64": .complex64,
  ]
}

extension DType {
  /// The format's name, and the place of the type in its order.
  var safetensors: (code: String, rank: Int) {
    switch self {
    case .int64: ("I64", 0)
    case .float64: ("F64", 1)
    case .float32: ("F32", 2)
    case .int32: ("I32", 3)
    case .int8: ("I8", 4)
    case .uint8: ("U8", 5)
    case .bool: ("BOOL", 6)
    }
  }
}
