/// A dense tensor in host memory, rows contiguous, little-endian, aligned to 64 bytes.
///
/// A value: copies share memory until one of them is written.
public struct HostTensor: Sendable {
  /// Element type and extents.
  public let type: TensorType
  private var storage: HostStorage

  /// The element type.
  public var dtype: DType { type.dtype }
  /// The extents.
  public var shape: Shape { type.shape }
  /// The number of elements.
  public var count: Int { type.shape.count }

  /// A tensor of zeros.
  public init(zeros type: TensorType) {
    self.type = type
    storage = HostStorage(byteCount: type.byteCount)
  }

  /// A tensor of the given elements in row order.
  ///
  /// - Throws: `TensorError` if the shape does not hold as many elements.
  public init<T: Scalar>(_ scalars: [T], shape: Shape) throws(TensorError) {
    guard scalars.count == shape.count else {
      throw TensorError.countMismatch(shape: shape, found: scalars.count)
    }
    self.init(zeros: TensorType(T.dtype, shape))
    scalars.withUnsafeBytes { source in
      if let base = source.baseAddress {
        storage.pointer.copyMemory(from: base, byteCount: source.count)
      }
    }
  }

  /// A vector of the given elements.
  public init<T: Scalar>(_ scalars: [T]) {
    self.init(scalars, count: scalars.count)
  }

  private init<T: Scalar>(_ scalars: [T], count: Int) {
    self.init(zeros: TensorType(T.dtype, [count]))
    scalars.withUnsafeBytes { source in
      if let base = source.baseAddress {
        storage.pointer.copyMemory(from: base, byteCount: source.count)
      }
    }
  }

  /// A tensor of rank 0.
  public init<T: Scalar>(scalar: T) {
    self.init(zeros: TensorType(T.dtype, .scalar))
    storage.pointer.storeBytes(of: scalar, as: T.self)
  }

  /// A tensor over the bytes that the closure fills in.
  public init(type: TensorType, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    self.init(zeros: type)
    try fill(storage.bytes)
  }

  /// Tensors over the bytes that the closure fills in, given in the order of the types.
  public static func filled(
    _ types: [TensorType], _ fill: ([UnsafeMutableRawBufferPointer]) throws -> Void
  ) rethrows -> [HostTensor] {
    let tensors = types.map { HostTensor(zeros: $0) }
    try withExtendedLifetime(tensors) { try fill(tensors.map(\.storage.bytes)) }
    return tensors
  }

  /// Reads the bytes.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) { try body(UnsafeRawBufferPointer(storage.bytes)) }
  }

  /// Writes the bytes; copies them first if another tensor shares them.
  public mutating func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> R
  ) rethrows -> R {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = HostStorage(byteCount: storage.byteCount)
      copy.pointer.copyMemory(from: storage.pointer, byteCount: storage.byteCount)
      storage = copy
    }
    return try body(storage.bytes)
  }

  /// The elements in row order, converted to the asked type.
  public func scalars<T: Scalar>(as type: T.Type = T.self) -> [T] {
    if T.dtype == dtype {
      return withUnsafeBytes { Array($0.bindMemory(to: T.self)) }
    }
    switch dtype {
    case .float32: return converted(from: Float.self)
    case .float64: return converted(from: Double.self)
    case .int32: return converted(from: Int32.self)
    case .int64: return converted(from: Int64.self)
    case .uint8: return converted(from: UInt8.self)
    case .int8: return converted(from: Int8.self)
    case .bool: return converted(from: Bool.self)
    }
  }

  private func converted<S: Scalar, T: Scalar>(from: S.Type) -> [T] {
    withUnsafeBytes { bytes in
      bytes.bindMemory(to: S.self).map { T(fromDouble: $0.asDouble) }
    }
  }

  /// The first element that is NaN or infinite; nil where there is none.
  package var firstNonFinite: Double? {
    withUnsafeBytes { bytes in
      switch dtype {
      case .float32:
        bytes.bindMemory(to: Float.self).first { !$0.isFinite }.map(Double.init)
      case .float64: bytes.bindMemory(to: Double.self).first { !$0.isFinite }
      default: nil
      }
    }
  }

  /// The same elements in another element type.
  public func converted(to dtype: DType) -> HostTensor {
    if dtype == self.dtype { return self }
    func make<T: Scalar>(_: T.Type) -> HostTensor {
      HostTensor(scalars(as: T.self)).withShape(unchecked: shape)
    }
    switch dtype {
    case .float32: return make(Float.self)
    case .float64: return make(Double.self)
    case .int32: return make(Int32.self)
    case .int64: return make(Int64.self)
    case .uint8: return make(UInt8.self)
    case .int8: return make(Int8.self)
    case .bool: return make(Bool.self)
    }
  }

  /// The same elements under other extents.
  ///
  /// - Throws: `TensorError` if the count differs.
  public func reshaped(_ shape: Shape) throws(TensorError) -> HostTensor {
    guard shape.count == count else {
      throw TensorError.countMismatch(shape: shape, found: count)
    }
    return withShape(unchecked: shape)
  }

  private func withShape(unchecked shape: Shape) -> HostTensor {
    HostTensor(type: TensorType(dtype, shape), storage: storage)
  }

  private init(type: TensorType, storage: HostStorage) {
    self.type = type
    self.storage = storage
  }
}

extension HostTensor: Equatable {
  /// Whether type and bytes are the same; two NaN of the same bits are equal.
  public static func == (a: HostTensor, b: HostTensor) -> Bool {
    guard a.type == b.type else { return false }
    return a.withUnsafeBytes { x in b.withUnsafeBytes { y in x.elementsEqual(y) } }
  }
}

extension HostTensor: CustomStringConvertible {
  /// The type and the first elements.
  public var description: String {
    let values = scalars(as: Double.self)
    let head = values.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "\(type)(\(head)\(values.count > 8 ? ", …" : ""))"
  }
}

/// Aligned bytes that `HostTensor` shares between copies; written only when uniquely referenced.
private final class HostStorage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int

  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
  }

  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { pointer.deallocate() }
}
