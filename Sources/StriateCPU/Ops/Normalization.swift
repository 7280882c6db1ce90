import CDNNL
import StriateCore
import StriateIR

extension Lowering {
  private func channels(_ id: ValueID) throws -> Layout {
    try .plain(TensorType(.float32, [graph.type(id).shape[1]]))
  }

  private func forward(
    _ x: Layout, _ epsilon: Double, relu: Bool
  ) throws -> PrimitiveDescriptor {
    let attributes = try Attributes()
    let flags = UInt32(DN_NORM_SCALE | DN_NORM_SHIFT | (relu ? DN_NORM_RELU : 0))
    return try PrimitiveDescriptor("a batch norm of \(x.type)") {
      dn_batch_normalization_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_TRAINING), x.descriptor, x.descriptor, Float(epsilon), flags,
        attributes.pointer)
    }
  }

  /// Batch norm with the batch's statistics, and ReLU if it follows, by the library.
  mutating func lowerLibraryBatchNorm(_ node: Node, relu: Node?) throws {
    guard case .batchNorm(let op) = node.op else { return }
    guard isSinglePrecision(node), graph.type(node.inputs[0]).shape.rank <= 5 else {
      for node in [node] + (relu.map { [$0] } ?? []) {
        try interpret(node, because: reason(against: node, axes: 5))
      }
      return
    }
    let x = try batchNormOperand(node)
    let descriptor = try forward(x.layout, op.epsilon, relu: relu != nil)
    let vector = try channels(node.inputs[0])
    let reads = [
      (Int(DN_ARG_SRC), x),
      (Int(DN_ARG_SCALE), Placed(buffer: try plain(node.inputs[1]).buffer, layout: vector)),
      (Int(DN_ARG_SHIFT), Placed(buffer: try plain(node.inputs[2]).buffer, layout: vector)),
    ]
    let y = define((relu ?? node).outputs[0], x.layout)
    var writes = [
      (Int(DN_ARG_DST), y),
      (Int(DN_ARG_MEAN), define(node.outputs[1], vector)),
      (Int(DN_ARG_VARIANCE), define(node.outputs[2], vector)),
    ]
    var workspace: BufferID?
    let bytes = descriptor.byteCount(Int(DN_QUERY_WORKSPACE))
    if bytes > 0 {
      let (place, layout) = try opaque(descriptor, Int(DN_QUERY_WORKSPACE), bytes)
      writes.append((Int(DN_ARG_WORKSPACE), Placed(buffer: place, layout: layout)))
      workspace = place
    }
    hints[HintKey(source: node.outputs[1], op: node.op)] = Hint(
      descriptor: descriptor, workspace: workspace)
    let name = "batch_norm" + (relu == nil ? "" : " + relu")
    try add(name, descriptor, reads: reads, writes: writes, for: node)
  }

  /// Whether the library's batch norm left what its gradient through ReLU needs.
  func hasLibraryMask(_ node: Node) -> Bool {
    guard case .batchNormBackward(let op) = node.op else { return false }
    return hints[HintKey(source: node.inputs[2], op: .batchNorm(BatchNorm(epsilon: op.epsilon)))]
      != nil
  }

  /// The gradient of batch norm, and before it of the ReLU that ran with it, by the library.
  mutating func lowerLibraryBatchNormBackward(_ node: Node, gate: Node?) throws {
    guard case .batchNormBackward(let op) = node.op else { return }
    guard isSinglePrecision(node), graph.type(node.inputs[0]).shape.rank <= 5 else {
      for node in (gate.map { [$0] } ?? []) + [node] {
        try interpret(node, because: reason(against: node, axes: 5))
      }
      return
    }
    let x = try batchNormOperand(node)
    let key = HintKey(source: node.inputs[2], op: .batchNorm(BatchNorm(epsilon: op.epsilon)))
    let known = gate == nil ? nil : hints[key]
    let hint = try known?.descriptor ?? forward(x.layout, op.epsilon, relu: false)
    let attributes = try Attributes()
    let flags = UInt32(DN_NORM_SCALE | DN_NORM_SHIFT | (known == nil ? 0 : DN_NORM_RELU))
    let descriptor = try PrimitiveDescriptor("the gradient of a batch norm of \(x.layout.type)") {
      dn_batch_normalization_backward_primitive_desc_create(
        &$0, engine, Int32(DN_BACKWARD), x.layout.descriptor, x.layout.descriptor,
        x.layout.descriptor, Float(op.epsilon), flags, hint.pointer, attributes.pointer)
    }
    let vector = try channels(node.inputs[0])
    let dy = try placed((gate ?? node).inputs[gate == nil ? 4 : 1], as: x.layout)
    var reads = [
      (Int(DN_ARG_SRC), x), (Int(DN_ARG_DIFF_DST), dy),
      (Int(DN_ARG_SCALE), Placed(buffer: try plain(node.inputs[1]).buffer, layout: vector)),
      (Int(DN_ARG_MEAN), Placed(buffer: try plain(node.inputs[2]).buffer, layout: vector)),
      (Int(DN_ARG_VARIANCE), Placed(buffer: try plain(node.inputs[3]).buffer, layout: vector)),
    ]
    if let known, let workspace = known.workspace {
      let bytes = known.descriptor.byteCount(Int(DN_QUERY_WORKSPACE))
      let layout = try known.descriptor.layout(
        Int(DN_QUERY_WORKSPACE), TensorType(.uint8, [bytes]))
      reads.append((Int(DN_ARG_WORKSPACE), Placed(buffer: workspace, layout: layout)))
    }
    let writes = [
      (Int(DN_ARG_DIFF_SRC), define(node.outputs[0], x.layout)),
      (Int(DN_ARG_DIFF_SCALE), define(node.outputs[1], vector)),
      (Int(DN_ARG_DIFF_SHIFT), define(node.outputs[2], vector)),
    ]
    let name = "batch_norm gradient" + (gate == nil ? "" : " + relu gradient")
    try add(name, descriptor, reads: reads, writes: writes, for: node)
  }
}
