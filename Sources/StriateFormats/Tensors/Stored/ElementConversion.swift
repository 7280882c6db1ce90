import CCodecs
import StriateCore

/// Numbers of files as those of tensors; every value is kept exactly.
enum ElementConversion {
  /// A tensor of the numbers in these bytes, in the order of rows.
  ///
  /// - Throws: `FormatError` where a whole number is too large.
  static func tensor(
    _ bytes: [UInt8], _ element: StoredElement, _ type: TensorType, at offset: Int
  ) throws -> HostTensor {
    let count = type.shape.count
    return try HostTensor(type: type) { buffer in
      try bytes.withUnsafeBytes { from in
        switch element {
        case .float16:
          codecs_widen_f16(
            from.bindMemory(to: UInt16.self).baseAddress,
            buffer.bindMemory(to: Float.self).baseAddress, count)
        case .bfloat16:
          codecs_widen_bf16(
            from.bindMemory(to: UInt16.self).baseAddress,
            buffer.bindMemory(to: Float.self).baseAddress, count)
        case .int16: widen(Int16.self, from, to: Int32.self, buffer)
        case .uint16: widen(UInt16.self, from, to: Int32.self, buffer)
        case .uint32: widen(UInt32.self, from, to: Int64.self, buffer)
        case .uint64:
          let numbers = from.bindMemory(to: UInt64.self)
          if let large = numbers.first(where: { $0 > UInt64(Int64.max) }) {
            throw FormatError(
              .unsupported, "holds \(large), which is more than a 64-bit integer with a sign holds",
              offset: offset)
          }
          buffer.copyMemory(from: from)
        default:
          if let float8 = element.float8 {
            let table = float8.table
            let values = buffer.bindMemory(to: Float.self)
            for (index, code) in from.enumerated() { values[index] = table[Int(code)] }
          } else {
            buffer.copyMemory(from: from)
            if element == .bool {
              codecs_normalize_bool(buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count)
            }
          }
        }
      }
    }
  }

  private static func widen<From: FixedWidthInteger, To: FixedWidthInteger>(
    _: From.Type, _ from: UnsafeRawBufferPointer, to _: To.Type,
    _ buffer: UnsafeMutableRawBufferPointer
  ) {
    let values = buffer.bindMemory(to: To.self)
    for (index, number) in from.bindMemory(to: From.self).enumerated() {
      values[index] = To(truncatingIfNeeded: number)
    }
  }

  /// The values times −1; whole numbers wrap as PyTorch's do.
  static func negated(_ tensor: HostTensor) -> HostTensor {
    var result = tensor
    result.withUnsafeMutableBytes { bytes in
      switch tensor.dtype {
      case .float32:
        for (i, x) in bytes.bindMemory(to: Float.self).enumerated() {
          bytes.bindMemory(to: Float.self)[i] = -x
        }
      case .float64:
        for (i, x) in bytes.bindMemory(to: Double.self).enumerated() {
          bytes.bindMemory(to: Double.self)[i] = -x
        }
      case .int32: wrap(bytes.bindMemory(to: Int32.self))
      case .int64: wrap(bytes.bindMemory(to: Int64.self))
      case .int8: wrap(bytes.bindMemory(to: Int8.self))
      case .uint8: wrap(bytes.bindMemory(to: UInt8.self))
      case .bool: break
      }
    }
    return result
  }

  private static func wrap<T: FixedWidthInteger>(_ values: UnsafeMutableBufferPointer<T>) {
    for index in values.indices { values[index] = 0 &- values[index] }
  }
}
