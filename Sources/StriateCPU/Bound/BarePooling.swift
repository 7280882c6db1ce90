import CDNNL
import StriateCore
import StriateIR

extension BareLowering {
  /// What a pooling takes of a window.
  enum Pooling {
    case max
    case mean(countsPadding: Bool)

    /// The library's code.
    var algorithm: Int32 {
      switch self {
      case .max: Int32(DN_POOLING_MAX)
      case .mean(let countsPadding):
        Int32(countsPadding ? DN_POOLING_AVG_INCLUDE : DN_POOLING_AVG_EXCLUDE)
      }
    }
  }

  private func isImage(_ id: ValueID) -> Bool { (3...5).contains(graph.type(id).shape.rank) }

  /// The kernel for a layout, or the first that is not generic code for another one.
  private func forward(
    _ window: Window, _ pooling: Pooling, x: Layout, y: TensorType
  ) throws -> PrimitiveDescriptor {
    let arguments = WindowArguments(window)
    var first: PrimitiveDescriptor?
    for source in [x, try preferred(x.type), try Layout.plain(x.type)] {
      let attributes = try Attributes()
      let target = try source.isPlain ? Layout.plain(y) : Layout.any(y)
      let descriptor = try PrimitiveDescriptor("a bare pooling of \(x.type)") {
        dn_pooling_forward_primitive_desc_create(
          &$0, engine, Int32(trains ? DN_FORWARD_TRAINING : DN_FORWARD_INFERENCE),
          pooling.algorithm, source.descriptor, target.descriptor, arguments.stride,
          arguments.kernel, arguments.dilation, arguments.low, arguments.high, attributes.pointer)
      }
      if !descriptor.isNaive { return descriptor }
      first = first ?? descriptor
    }
    guard let first else { throw CPUError(.callFailed, "oneDNN has no pooling of \(x.type)") }
    return first
  }

  mutating func pool(_ window: Window, _ pooling: Pooling, _ node: Node) throws -> Bool {
    guard isImage(node.inputs[0]) else { return false }
    let (xType, yType) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    let descriptor = try forward(window, pooling, x: layout(of: node.inputs[0]), y: yType)
    let x = operand(node.inputs[0], try descriptor.layout(Int(DN_QUERY_SRC), xType))
    let y = define(node.outputs, try descriptor.layout(Int(DN_QUERY_DST), yType))
    let workspace = try self.workspace(descriptor)
    pools.append(
      (
        PoolKey(source: node.inputs[0], op: node.op),
        BareHint(descriptor: descriptor, workspace: workspace)
      ))
    try add(
      node.op.name, descriptor, reads: [(Int(DN_ARG_SRC), x)],
      writes: [(Int(DN_ARG_DST), y)] + (workspace.map { [(Int(DN_ARG_WORKSPACE), $0)] } ?? []),
      for: node)
    return true
  }

  /// The gradient of the first pooling that is like it: of the same values, else of as large ones.
  mutating func poolBackward(
    _ window: Window, _ pooling: Pooling, _ node: Node, dy: ValueID, of op: Op
  ) throws -> Bool {
    guard isImage(dy) else { return false }
    let (xType, yType) = (graph.type(node.outputs[0]), graph.type(dy))
    let known =
      pools.first { $0.key == PoolKey(source: node.inputs[0], op: op) }
      ?? pools.first { $0.key.op == op && graph.type($0.key.source) == xType }
    let hint: BareHint
    if let known {
      hint = known.hint
    } else if case .mean = pooling {
      let descriptor = try forward(window, pooling, x: preferred(xType), y: yType)
      hint = BareHint(descriptor: descriptor, workspace: nil)
    } else {
      return false
    }
    let x = try hint.descriptor.layout(Int(DN_QUERY_SRC), xType)
    let y = try hint.descriptor.layout(Int(DN_QUERY_DST), yType)
    let (arguments, attributes) = (WindowArguments(window), try Attributes())
    let descriptor = try PrimitiveDescriptor("a bare gradient of a pooling of \(xType)") {
      dn_pooling_backward_primitive_desc_create(
        &$0, engine, pooling.algorithm, x.descriptor, y.descriptor, arguments.stride,
        arguments.kernel, arguments.dilation, arguments.low, arguments.high,
        hint.descriptor.pointer, attributes.pointer)
    }
    let reads =
      [(Int(DN_ARG_DIFF_DST), operand(dy, y))]
      + (hint.workspace.map { [(Int(DN_ARG_WORKSPACE), $0)] } ?? [])
    let dx = define(node.outputs, x)
    try add(
      node.op.name, descriptor, reads: reads, writes: [(Int(DN_ARG_DIFF_SRC), dx)], for: node)
    return true
  }

  /// Memory that only the library understands; nil where it wants none.
  mutating func workspace(_ descriptor: PrimitiveDescriptor) throws -> Placed? {
    let bytes = descriptor.byteCount(Int(DN_QUERY_WORKSPACE))
    guard bytes > 0 else { return nil }
    return scratch(
      try descriptor.layout(Int(DN_QUERY_WORKSPACE), TensorType(.uint8, [bytes])))
  }
}
