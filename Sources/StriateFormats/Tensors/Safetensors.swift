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
    var element: Element
    var shape: Shape
    var begin: Int
    var end: Int
  }

  /// An element type of the format.
  enum Element: Hashable {
    case plain(DType)
    case float16, bfloat16

    /// The format's name for it; nil where it is not read here.
    init?(code: String) {
      switch code {
      case "F64": self = .plain(.float64)
      case "F32": self = .plain(.float32)
      case "I64": self = .plain(.int64)
      case "I32": self = .plain(.int32)
      case "I8": self = .plain(.int8)
      case "U8": self = .plain(.uint8)
      case "BOOL": self = .plain(.bool)
      case "F16": self = .float16
      case "BF16": self = .bfloat16
      default: return nil
      }
    }

    /// Bytes one element takes in the file.
    var size: Int {
      switch self {
      case .plain(let dtype): dtype.size
      case .float16, .bfloat16: 2
      }
    }

    /// The element type it is read as.
    var dtype: DType {
      switch self {
      case .plain(let dtype): dtype
      case .float16, .bfloat16: .float32
      }
    }
  }
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
