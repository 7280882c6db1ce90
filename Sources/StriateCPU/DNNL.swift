import CDNNL
import StriateCore

/// Throws unless a library call succeeded.
func check(_ status: Int32, _ call: @autoclosure () -> String) throws(CPUError) {
  guard status != 0 else { return }
  let names = [
    "success", "out of memory", "invalid arguments", "unimplemented", "last implementation reached",
    "runtime error", "not required",
  ]
  let name = names.indices.contains(Int(status)) ? names[Int(status)] : "status \(status)"
  throw CPUError(
    status == 1 ? .outOfMemory : .callFailed, "oneDNN refused \(call()): \(name)")
}

/// How a tensor lies in memory: rows contiguous, or as one of the library's kernels wants it.
final class Layout {
  /// The tensor's type.
  let type: TensorType
  /// The extents under which the library sees it: grouped filters gain an axis, scalars become vectors.
  let dims: [Int64]
  /// The library's descriptor; nil for element types that it is never given.
  let descriptor: dn_md?
  /// Whether rows are contiguous in logical order.
  let isPlain: Bool
  /// Bytes in memory, padding included.
  let byteCount: Int

  private init(_ type: TensorType, _ dims: [Int64], _ descriptor: dn_md?, isPlain: Bool) {
    self.type = type
    self.dims = dims
    self.descriptor = descriptor
    self.isPlain = isPlain
    byteCount =
      isPlain ? type.byteCount : descriptor.map { dn_memory_desc_get_size($0) } ?? type.byteCount
  }

  deinit {
    if let descriptor { dn_memory_desc_destroy(descriptor) }
  }

  /// Rows contiguous, seen under other extents if given.
  static func plain(_ type: TensorType, as dims: [Int64]? = nil) throws(CPUError) -> Layout {
    let dims = dims ?? extents(type.shape)
    var strides = [Int64](repeating: 1, count: dims.count)
    for axis in stride(from: dims.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * max(dims[axis + 1], 1)
    }
    return try strided(type, dims, strides, isPlain: true)
  }

  /// Any strides, in elements.
  static func strided(
    _ type: TensorType, _ dims: [Int64], _ strides: [Int64], isPlain: Bool = false
  ) throws(CPUError) -> Layout {
    guard let code = Layout.code(type.dtype), dims.count <= Int(DN_MAX_RANK) else {
      return Layout(type, dims, nil, isPlain: true)
    }
    var descriptor: dn_md?
    try check(
      dn_memory_desc_create_with_strides(&descriptor, Int32(dims.count), dims, code, strides),
      "a descriptor of \(type)")
    return Layout(type, dims, descriptor, isPlain: isPlain)
  }

  /// Whatever a kernel prefers.
  static func any(_ type: TensorType, as dims: [Int64]? = nil) throws(CPUError) -> Layout {
    let dims = dims ?? extents(type.shape)
    var descriptor: dn_md?
    try check(
      dn_memory_desc_create_with_tag(
        &descriptor, Int32(dims.count), dims, Layout.code(type.dtype) ?? Int32(DN_F32),
        Int32(DN_TAG_ANY)),
      "a descriptor of \(type)")
    return Layout(type, dims, descriptor, isPlain: false)
  }

  /// A layout that a primitive chose.
  static func chosen(_ type: TensorType, _ descriptor: dn_md, as dims: [Int64]) throws(CPUError)
    -> Layout
  {
    let plain = try Layout.plain(type, as: dims)
    if let known = plain.descriptor, dn_memory_desc_equal(known, descriptor) != 0 { return plain }
    var copy: dn_md?
    try check(dn_memory_desc_clone(&copy, descriptor), "a copy of a descriptor")
    return Layout(type, dims, copy, isPlain: false)
  }

  /// The same memory under other extents, axes of extent 1 added or left out.
  func seen(as dims: [Int64]) throws(CPUError) -> Layout {
    var made: dn_md?
    try check(
      dn_memory_desc_reshape(&made, descriptor, Int32(dims.count), dims),
      "a view of \(type) under other extents")
    guard let made else { throw CPUError(.callFailed, "oneDNN made no view of \(type)") }
    defer { dn_memory_desc_destroy(made) }
    return try Layout.chosen(type, made, as: dims)
  }

  /// The same memory as another type of as many bytes; for plain layouts.
  func viewed(as type: TensorType) throws(CPUError) -> Layout { try Layout.plain(type) }

  /// Whether two tensors of these layouts hold their elements at the same places.
  func matches(_ other: Layout) -> Bool {
    if isPlain && other.isPlain { return type.byteCount == other.type.byteCount }
    guard let a = descriptor, let b = other.descriptor else { return false }
    return dn_memory_desc_equal(a, b) != 0
  }

  /// The shape as the library sees it: a scalar is a vector of one.
  static func extents(_ shape: Shape) -> [Int64] {
    shape.rank == 0 ? [1] : shape.dims.map(Int64.init)
  }

  /// The library's code of an element type.
  static func code(_ dtype: DType) -> Int32? {
    switch dtype {
    case .float32: Int32(DN_F32)
    case .int32: Int32(DN_S32)
    case .uint8, .bool: Int32(DN_U8)
    case .int8: Int32(DN_S8)
    case .float64, .int64: nil
    }
  }

  /// Whether memory holds padding that kernels rely on to be zero.
  var isPadded: Bool { !isPlain && byteCount > type.byteCount }

  /// How channels (axis 1) lie in memory; nil where they follow no simple pattern.
  var channels: ChannelPattern? {
    guard dims.count >= 2 else { return nil }
    let count = Int(dims[1])
    let positions = dims.dropFirst(2).reduce(1) { $0 * Int($1) }
    if isPlain {
      return ChannelPattern(block: 1, inner: positions, outer: count, channels: count)
    }
    guard let descriptor else { return nil }
    var blocks: Int32 = 0
    guard dn_memory_desc_query(descriptor, Int32(DN_QUERY_INNER_NBLKS), &blocks) == 0 else {
      return nil
    }
    guard let strides = int64s(descriptor, Int32(DN_QUERY_STRIDES)) else { return nil }
    if blocks == 0 {
      // Channels last: neighbours in memory are neighbouring channels.
      let expected = [Int64(positions * count), 1]
      guard Array(strides.prefix(2)) == expected || (dims[0] == 1 && strides[1] == 1) else {
        return nil
      }
      return ChannelPattern(block: count, inner: positions * count, outer: 1, channels: count)
    }
    guard blocks == 1, let sizes = int64s(descriptor, Int32(DN_QUERY_INNER_BLKS)),
      let axes = int64s(descriptor, Int32(DN_QUERY_INNER_IDXS)), axes[0] == 1
    else { return nil }
    let block = Int(sizes[0])
    let outer = (count + block - 1) / block
    guard strides[1] == Int64(positions * block) else { return nil }
    return ChannelPattern(block: block, inner: positions * block, outer: outer, channels: count)
  }

  /// The innermost blocks: their extents, outermost first, and the axes that they divide; nil without a descriptor.
  var innerBlocks: (extents: [Int64], axes: [Int64])? {
    var count: Int32 = 0
    guard let descriptor,
      dn_memory_desc_query(descriptor, Int32(DN_QUERY_INNER_NBLKS), &count) == 0,
      let extents = int64s(descriptor, Int32(DN_QUERY_INNER_BLKS)),
      let axes = int64s(descriptor, Int32(DN_QUERY_INNER_IDXS))
    else { return nil }
    return (Array(extents.prefix(Int(count))), Array(axes.prefix(Int(count))))
  }

  /// The strides of each axis, of its blocks where it has such.
  var strides: [Int64]? { descriptor.flatMap { int64s($0, Int32(DN_QUERY_STRIDES)) } }

  private func int64s(_ descriptor: dn_md, _ query: Int32) -> [Int64]? {
    var values: UnsafePointer<Int64>?
    guard dn_memory_desc_query(descriptor, query, &values) == 0, let values else { return nil }
    return Array(UnsafeBufferPointer(start: values, count: dims.count))
  }
}

/// Where a channel's elements lie: block `(i / inner) mod outer`, lane `i mod block`.
struct ChannelPattern: Hashable {
  var block, inner, outer, channels: Int
}

/// A kernel that the library offers for an operation, before it is made.
final class PrimitiveDescriptor {
  let pointer: dn_pd
  /// Who implements it: `jit:avx512_core`, `ref:any`.
  let implementation: String

  init(_ what: String, _ make: (inout dn_pd?) -> Int32) throws(CPUError) {
    var made: dn_pd?
    try check(make(&made), what)
    guard let made else { throw CPUError(.callFailed, "oneDNN made no descriptor for \(what)") }
    pointer = made
    var name: UnsafePointer<CChar>?
    dn_primitive_desc_query(made, Int32(DN_QUERY_IMPL), 0, &name)
    implementation = name.map { String(cString: $0) } ?? "unknown"
  }

  deinit { dn_primitive_desc_destroy(pointer) }

  /// Whether the library offers only its slow, generic code.
  var isNaive: Bool { implementation.hasPrefix("ref") || implementation.hasPrefix("simple") }

  /// Whether the library multiplies matrices, one after the other, for want of a kernel of its own.
  var isMatrixProduct: Bool { implementation.split(separator: ":").contains("gemm") }

  /// The layout that the kernel chose for an operand.
  func layout(_ query: Int, _ type: TensorType, as dims: [Int64]? = nil) throws(CPUError) -> Layout
  {
    guard let descriptor = dn_primitive_desc_query_md(pointer, Int32(query), 0) else {
      throw CPUError(.callFailed, "oneDNN has no descriptor \(query) for \(implementation)")
    }
    return try Layout.chosen(type, descriptor, as: dims ?? Layout.extents(type.shape))
  }

  /// Bytes of an operand that only the library understands: workspace or scratch space.
  func byteCount(_ query: Int) -> Int {
    guard let descriptor = dn_primitive_desc_query_md(pointer, Int32(query), 0) else { return 0 }
    return dn_memory_desc_get_size(descriptor)
  }
}

/// Attributes of a kernel: scratch space in our arena, operations applied to its result.
final class Attributes {
  let pointer: dn_attr

  /// Attributes; what is named is done to the kernel's result, in this order.
  init(adding residual: Layout? = nil, activation: AffineTail.Activation? = nil) throws(CPUError) {
    var made: dn_attr?
    try check(dn_primitive_attr_create(&made), "attributes")
    guard let made else { throw CPUError(.callFailed, "oneDNN made no attributes") }
    pointer = made
    try check(dn_primitive_attr_set_scratchpad_mode(made, 1), "user scratch space")
    if residual == nil && activation == nil { return }
    var operations: dn_post_ops?
    try check(dn_post_ops_create(&operations), "post-operations")
    defer { dn_post_ops_destroy(operations) }
    if let residual {
      try check(
        dn_post_ops_append_binary(operations, Int32(DN_BINARY_ADD), residual.descriptor),
        "a sum after a kernel")
    }
    if let activation {
      let (algorithm, alpha, beta): (Int, Float, Float) =
        switch activation {
        case .relu: (Int(DN_ELTWISE_RELU), 0, 0)
        case .clip(let high): (Int(DN_ELTWISE_CLIP), 0, Float(high))
        }
      try check(
        dn_post_ops_append_eltwise(operations, Int32(algorithm), alpha, beta),
        "an activation after a kernel")
    }
    try check(dn_primitive_attr_set_post_ops(made, operations), "post-operations")
  }

  deinit { dn_primitive_attr_destroy(pointer) }
}

/// A kernel that is ready to run.
final class Primitive {
  let pointer: dn_primitive

  init(_ descriptor: PrimitiveDescriptor) throws(CPUError) {
    var made: dn_primitive?
    try check(dn_primitive_create(&made, descriptor.pointer), descriptor.implementation)
    guard let made else { throw CPUError(.callFailed, "oneDNN made no kernel") }
    pointer = made
  }

  deinit { dn_primitive_destroy(pointer) }
}
