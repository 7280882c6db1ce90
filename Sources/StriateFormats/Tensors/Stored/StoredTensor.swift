import StriateCore

/// A tensor in a file: its shape and where its numbers lie, which are read when they are asked for.
public struct StoredTensor {
  /// The extents.
  public let shape: Shape
  let content: Content

  /// What is behind a name.
  enum Content {
    case numbers(Numbers)
    /// What cannot be read, and why: an object that is not built, a tensor of a kind that has no place here.
    case refused(String)
  }

  /// Numbers of a file, seen in steps.
  struct Numbers {
    var element: StoredElement
    /// Elements between neighbours along each axis.
    var strides: [Int]
    /// The first element, counted from the beginning of the storage.
    var offset = 0
    var isBigEndian = false
    /// Whether the values are the stored ones times −1.
    var isNegated = false
    /// Which storage it is: tensors of one file with equal keys share their numbers.
    var key: String
    var storage: () throws -> Storage
  }

  /// A stretch of bytes.
  struct Storage {
    var source: ByteSource
    var offset, count: Int
  }

  /// Elements more than its storage has, that a tensor with repeated elements may have.
  private static let mostRepeated = 1 << 26

  init(shape: Shape, _ numbers: Numbers) {
    self.shape = shape
    content = .numbers(numbers)
  }

  /// A tensor that only its name is known of.
  init(refused reason: String, shape: Shape = .scalar) {
    self.shape = shape
    content = .refused(reason)
  }

  /// Rows of a storage that begin with its first byte.
  init(
    _ element: StoredElement, _ shape: Shape, key: String, isBigEndian: Bool = false,
    _ storage: @escaping () throws -> Storage
  ) {
    self.init(
      shape: shape,
      Numbers(
        element: element, strides: shape.strides, isBigEndian: isBigEndian, key: key,
        storage: storage))
  }

  /// The type that the numbers are read as; nil where they cannot be read.
  public var type: TensorType? {
    if case .numbers(let numbers) = content, let dtype = numbers.element.dtype {
      return TensorType(dtype, shape)
    }
    return nil
  }

  /// Why it cannot be read, as far as that is known before; nil where it can.
  public var refusal: String? {
    switch content {
    case .refused(let reason): return reason
    case .numbers(let numbers):
      return numbers.element.dtype == nil ? "is of \(numbers.element.rawValue) numbers" : nil
    }
  }

  /// Whether two tensors of one file are the same numbers in the same order.
  func isSame(as other: StoredTensor) -> Bool {
    guard case .numbers(let a) = content, case .numbers(let b) = other.content else { return false }
    return shape == other.shape && a.key == b.key && a.offset == b.offset && a.strides == b.strides
      && a.element == b.element && a.isNegated == b.isNegated
  }

  /// The numbers.
  ///
  /// - Throws: `FormatError` where they are damaged, or of a kind that no tensor holds.
  public func read() throws -> HostTensor {
    guard case .numbers(let numbers) = content else {
      throw FormatError(.unsupported, refusal ?? "cannot be read")
    }
    let element = numbers.element
    guard let dtype = element.dtype, let size = element.size else {
      throw FormatError(
        .unsupported, "is of \(element.rawValue) numbers, which no tensor here holds")
    }
    let storage = try numbers.storage()
    let available = max(storage.count, 0) / size
    let last = try reach(numbers, available, at: storage.offset)
    let stored = shape.count == 0 ? 0 : last - numbers.offset + 1
    var bytes = try storage.source.bytes(
      at: storage.offset + numbers.offset * size, count: stored * size)
    if numbers.isBigEndian { ByteOrder.swap(&bytes, size: element.isComplex ? size / 2 : size) }
    if !isInRows(numbers) {
      bytes = StridedView(extents: shape.dims, strides: numbers.strides).gathered(bytes, size: size)
    }
    let tensor = try ElementConversion.tensor(
      bytes, element, TensorType(dtype, shape), at: storage.offset)
    return numbers.isNegated ? ElementConversion.negated(tensor) : tensor
  }

  /// The last element that is seen, which must lie within the storage.
  private func reach(_ numbers: Numbers, _ available: Int, at place: Int) throws -> Int {
    func fault(_ message: String) -> FormatError { FormatError(.malformed, message, offset: place) }
    guard shape.dims.allSatisfy({ $0 >= 0 }), numbers.strides.allSatisfy({ $0 >= 0 }),
      numbers.strides.count == shape.rank
    else { throw fault("has a negative extent or stride") }
    guard shape.count <= max(available, Self.mostRepeated) else {
      throw fault("of \(shape) is larger than its storage of \(available) elements")
    }
    var last = numbers.offset
    for (extent, stride) in zip(shape.dims, numbers.strides) where extent > 0 {
      let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooFar) = last.addingReportingOverflow(step)
      guard !overflow, !tooFar else { throw fault("has strides that reach too far") }
      last = sum
    }
    guard numbers.offset >= 0, shape.count == 0 || last < available else {
      throw fault("of \(shape) reaches beyond its storage of \(available) elements")
    }
    return last
  }

  private func isInRows(_ numbers: Numbers) -> Bool {
    zip(zip(shape.dims, numbers.strides), shape.strides).allSatisfy {
      $0.0 == 1 || $0.1 == $1
    } || shape.count == 0
  }
}

extension StoredElement {
  var isComplex: Bool { self == .complex32 || self == .complex64 || self == .complex128 }
}
