import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Lowering {
  mutating func lowerReduce(_ op: Reduce, _ node: Node) throws {
    let shape = graph.type(node.inputs[0]).shape
    let kinds: [Reduce.Kind: Int] = [
      .sum: SK_SUM, .mean: SK_SUM, .max: SK_MAX, .min: SK_MIN, .product: SK_PRODUCT,
    ]
    let dtype = graph.type(node.inputs[0]).dtype
    let kept = MergedAxes((0..<shape.rank).filter { !op.axes.contains($0) }, of: shape)
    let reduced = MergedAxes(op.axes, of: shape)
    if shape.count == 0 {
      // A sum or a product of nothing, or no result at all.
      let isOne = op.kind == .product || (op.kind == .min && dtype == .bool)
      return try lowerFill(Fill(isOne ? 1 : 0, graph.type(node.outputs[0])), node)
    }
    guard let kind = kinds[op.kind], let code = Self.elementCode(dtype),
      max(kept.extents.count, reduced.extents.count) <= Int(SK_MAX_RANK)
    else { return try interpret(node, because: reason(against: node)) }
    var body: dn_body = sk_run_reduce
    if dtype != .float32 { body = sk_run_reduce_integer }
    let x = try plain(node.inputs[0])
    let y = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let count = shape.count / max(y.layout.type.shape.count, 1)
    add(op.name, body, work: shape.count, reads: [x.buffer], writes: [y.buffer], for: node) {
      address in
      var kernel = sk_reduce()
      kernel.source = UnsafeRawPointer(address(x.buffer))
      kernel.target = address(y.buffer)
      kernel.type = Int32(code)
      kernel.kind = Int32(kind)
      kernel.scale = op.kind == .mean ? 1 / Float(count) : 1
      kernel.kept = Int32(kept.extents.count)
      kernel.reduced = Int32(reduced.extents.count)
      assign(&kernel.kept_extent, kept.extents)
      assign(&kernel.kept_stride, kept.strides)
      assign(&kernel.reduced_extent, reduced.extents)
      assign(&kernel.reduced_stride, reduced.strides)
      return KernelContext(kernel)
    }
  }

  mutating func lowerArgMax(_ op: ArgMax, _ node: Node) throws {
    let type = graph.type(node.inputs[0])
    guard type.dtype == .float32 else {
      return try interpret(node, because: "no kernel for \(node.op.name) of \(type.dtype)")
    }
    let x = try plain(node.inputs[0])
    let y = define(node.outputs[0], try .plain(graph.type(node.outputs[0])))
    let inner = type.shape.dims.dropFirst(op.axis + 1).reduce(1, *)
    let outer = type.shape.dims.prefix(op.axis).reduce(1, *)
    add(
      op.name, sk_run_argmax, work: type.shape.count, reads: [x.buffer], writes: [y.buffer],
      for: node
    ) { address in
      KernelContext(
        sk_argmax(
          source: address(x.buffer).assumingMemoryBound(to: Float.self),
          target: address(y.buffer).assumingMemoryBound(to: Int32.self), outer: Int64(outer),
          extent: Int64(type.shape[op.axis]), inner: Int64(inner),
          least: op.isLeast ? 1 : 0))
    }
  }
}

extension Lowering {
  /// The kernels' code of an element type; nil where they take none such.
  static func elementCode(_ dtype: DType) -> Int? {
    switch dtype {
    case .float32: SK_F32
    case .int32: SK_I32
    case .bool: SK_U8
    default: nil
    }
  }
}

/// Axes with neighbours in memory joined, and axes of extent 1 left out.
struct MergedAxes {
  private(set) var extents: [Int] = []
  private(set) var strides: [Int] = []

  init(_ axes: [Int], of shape: Shape) {
    let all = shape.strides
    for axis in axes.sorted() where shape[axis] != 1 {
      if let last = extents.indices.last, strides[last] == all[axis] * shape[axis] {
        extents[last] *= shape[axis]
        strides[last] = all[axis]
      } else {
        extents.append(shape[axis])
        strides.append(all[axis])
      }
    }
  }
}

/// Writes integers into one of C's fixed arrays.
func assign<T>(_ array: inout T, _ values: [Int]) {
  withUnsafeMutableBytes(of: &array) { bytes in
    let cells = bytes.bindMemory(to: Int64.self)
    for (cell, value) in zip(cells.indices, values) { cells[cell] = Int64(value) }
  }
}
