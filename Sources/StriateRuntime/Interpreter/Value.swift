import StriateCore

/// A tensor's elements while the interpreter runs, rows contiguous.
///
/// Floating-point elements are Doubles that `Interpreter` rounds to its scalar type after every op;
/// integers of every width are `Int64` wrapped to the declared width.
enum Value: Sendable {
  case reals([Double])
  case integers([Int64])
  case booleans([Bool])

  /// The elements of a dense tensor in memory.
  init(_ bytes: UnsafeRawBufferPointer, _ dtype: DType) {
    switch dtype {
    case .float32: self = .reals(bytes.bindMemory(to: Float.self).map(Double.init))
    case .float64: self = .reals(Array(bytes.bindMemory(to: Double.self)))
    case .int32: self = .integers(bytes.bindMemory(to: Int32.self).map(Int64.init))
    case .int64: self = .integers(Array(bytes.bindMemory(to: Int64.self)))
    case .uint8: self = .integers(bytes.bindMemory(to: UInt8.self).map(Int64.init))
    case .int8: self = .integers(bytes.bindMemory(to: Int8.self).map(Int64.init))
    case .bool: self = .booleans(bytes.bindMemory(to: UInt8.self).map { $0 != 0 })
    }
  }

  /// The elements of a tensor.
  init(_ tensor: HostTensor) {
    self = tensor.withUnsafeBytes { Value($0, tensor.dtype) }
  }

  /// One number in every element of a type.
  init(repeating number: Double, _ type: TensorType) {
    let count = type.shape.count
    switch type.dtype {
    case .float32, .float64: self = .reals([Double](repeating: number, count: count))
    case .int32, .int64, .uint8, .int8:
      let whole = Value.whole(number, type.dtype)
      self = .integers([Int64](repeating: whole, count: count))
    case .bool: self = .booleans([Bool](repeating: number != 0, count: count))
    }
  }

  /// Writes the elements as a dense tensor of an element type.
  func store(into bytes: UnsafeMutableRawBufferPointer, _ dtype: DType) {
    switch dtype {
    case .float32: Value.copy(reals, into: bytes) { Float($0) }
    case .float64: Value.copy(reals, into: bytes) { $0 }
    case .int32: Value.copy(integers, into: bytes) { Int32(truncatingIfNeeded: $0) }
    case .int64: Value.copy(integers, into: bytes) { $0 }
    case .uint8: Value.copy(integers, into: bytes) { UInt8(truncatingIfNeeded: $0) }
    case .int8: Value.copy(integers, into: bytes) { Int8(truncatingIfNeeded: $0) }
    case .bool: Value.copy(booleans, into: bytes) { $0 ? UInt8(1) : 0 }
    }
  }

  private static func copy<From, To: BitwiseCopyable>(
    _ source: [From], into bytes: UnsafeMutableRawBufferPointer, _ convert: (From) -> To
  ) {
    let target = bytes.bindMemory(to: To.self)
    for index in 0..<min(source.count, target.count) { target[index] = convert(source[index]) }
  }

  /// The elements as Doubles; booleans are 0 and 1.
  var reals: [Double] {
    switch self {
    case .reals(let values): values
    case .integers(let values): values.map(Double.init)
    case .booleans(let values): values.map { $0 ? 1 : 0 }
    }
  }

  /// The elements as whole numbers, truncated towards zero.
  var integers: [Int64] {
    switch self {
    case .reals(let values): values.map { Int64(fromDouble: $0) }
    case .integers(let values): values
    case .booleans(let values): values.map { $0 ? 1 : 0 }
    }
  }

  /// The elements as booleans: whether they differ from 0.
  var booleans: [Bool] {
    switch self {
    case .reals(let values): values.map { $0 != 0 }
    case .integers(let values): values.map { $0 != 0 }
    case .booleans(let values): values
    }
  }

  /// The first element that is NaN or infinite.
  var firstNonFinite: Int? {
    guard case .reals(let values) = self else { return nil }
    return values.firstIndex { !$0.isFinite }
  }

  /// A number as a whole one of an integer type: truncated and saturated, NaN becomes 0.
  static func whole(_ number: Double, _ dtype: DType) -> Int64 {
    switch dtype {
    case .int32: Int64(Int32(fromDouble: number))
    case .uint8: Int64(UInt8(fromDouble: number))
    case .int8: Int64(Int8(fromDouble: number))
    default: Int64(fromDouble: number)
    }
  }

  /// A whole number wrapped to the width of an integer type.
  static func wrapped(_ number: Int64, _ dtype: DType) -> Int64 {
    switch dtype {
    case .int32: Int64(Int32(truncatingIfNeeded: number))
    case .uint8: Int64(UInt8(truncatingIfNeeded: number))
    case .int8: Int64(Int8(truncatingIfNeeded: number))
    default: number
    }
  }
}

/// A node's operands, with the types of what it reads and of what it makes.
struct Arguments {
  var values: [Value]
  var types: [TensorType]
  var results: [TensorType]

  /// An operand's elements as Doubles.
  func reals(_ position: Int) -> [Double] { values[position].reals }
  /// An operand's extents.
  func shape(_ position: Int) -> Shape { types[position].shape }
}

/// Elements that the closure fills in, zero before.
func filled(_ count: Int, _ body: (UnsafeMutablePointer<Double>) -> Void) -> [Double] {
  [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
    buffer.initialize(repeating: 0)
    if let base = buffer.baseAddress, count > 0 { body(base) }
    initialized = count
  }
}

/// Walks over the rows of a shape, with the offset that other strides give to each row's start.
///
/// The body gets the row's flat start, its offset, its length, and the stride inside the row.
@inline(__always)
func forEachRow(
  _ dims: [Int], strides: [Int], offset: Int = 0,
  _ body: (_ flat: Int, _ offset: Int, _ count: Int, _ step: Int) -> Void
) {
  guard let inner = dims.last, let step = strides.last else { return body(0, offset, 1, 0) }
  let count = Shape(dims).count
  guard count > 0 else { return }
  var index = [Int](repeating: 0, count: dims.count)
  var offset = offset
  for row in 0..<(count / inner) {
    body(row * inner, offset, inner, step)
    var axis = dims.count - 2
    while axis >= 0 {
      index[axis] += 1
      offset += strides[axis]
      if index[axis] < dims[axis] { break }
      offset -= dims[axis] * strides[axis]
      index[axis] = 0
      axis -= 1
    }
  }
}

/// Calls the body with every index of a box of the given ranges, in row order.
func forEachIndex(_ ranges: [Range<Int>], _ body: ([Int]) -> Void) {
  guard !ranges.contains(where: \.isEmpty) else { return }
  var index = ranges.map(\.lowerBound)
  while true {
    body(index)
    var axis = ranges.count - 1
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < ranges[axis].upperBound { break }
      index[axis] = ranges[axis].lowerBound
      axis -= 1
    }
    if axis < 0 { return }
  }
}
