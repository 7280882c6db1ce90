import CDNNL
import StriateCore
import StriateIR

extension BareLowering {
  private func forward(
    _ x: Layout, _ epsilon: Double, relu: Bool
  ) throws -> PrimitiveDescriptor {
    let attributes = try Attributes()
    let flags = UInt32(DN_NORM_SCALE | DN_NORM_SHIFT | (relu ? DN_NORM_RELU : 0))
    return try PrimitiveDescriptor("a bare batch norm of \(x.type)") {
      dn_batch_normalization_forward_primitive_desc_create(
        &$0, engine, Int32(DN_FORWARD_TRAINING), x.descriptor, x.descriptor, Float(epsilon), flags,
        attributes.pointer)
    }
  }

  /// One number for each channel of a value.
  private func channels(_ id: ValueID) throws -> Layout {
    try .plain(TensorType(.float32, [graph.type(id).shape[1]]))
  }

  /// Batch norm with the batch's statistics, and ReLU if it follows.
  mutating func batchNorm(_ op: BatchNorm, _ node: Node) throws -> Bool {
    guard graph.type(node.inputs[0]).shape.rank <= 5 else { return false }
    let relu = relu(after: node.outputs[0])
    let source = try layout(of: node.inputs[0])
    let descriptor = try forward(source, op.epsilon, relu: relu != nil)
    let vector = try channels(node.inputs[0])
    let reads = [
      (Int(DN_ARG_SRC), operand(node.inputs[0], source)),
      (Int(DN_ARG_SCALE), operand(node.inputs[1], vector)),
      (Int(DN_ARG_SHIFT), operand(node.inputs[2], vector)),
    ]
    let y = define([node.outputs[0]] + (relu.map { [$0] } ?? []), source)
    let workspace = try self.workspace(descriptor)
    let writes =
      [
        (Int(DN_ARG_DST), y),
        (Int(DN_ARG_MEAN), define([node.outputs[1]], vector)),
        (Int(DN_ARG_VARIANCE), define([node.outputs[2]], vector)),
      ] + (workspace.map { [(Int(DN_ARG_WORKSPACE), $0)] } ?? [])
    batchNorms[node.outputs[1]] = BareHint(
      descriptor: descriptor, workspace: workspace, relu: relu != nil)
    try add(
      "batch_norm" + (relu == nil ? "" : " + relu"), descriptor, reads: reads, writes: writes,
      for: node)
    return true
  }

  /// The gradient of that; of a batch norm that is not there, none.
  mutating func batchNormBackward(_ op: BatchNormBackward, _ node: Node) throws -> Bool {
    guard graph.type(node.inputs[0]).shape.rank <= 5, let hint = batchNorms[node.inputs[2]] else {
      return false
    }
    let x = try layout(of: node.inputs[0])
    let attributes = try Attributes()
    let flags = UInt32(DN_NORM_SCALE | DN_NORM_SHIFT | (hint.relu ? DN_NORM_RELU : 0))
    let descriptor = try PrimitiveDescriptor("a bare gradient of a batch norm of \(x.type)") {
      dn_batch_normalization_backward_primitive_desc_create(
        &$0, engine, Int32(DN_BACKWARD), x.descriptor, x.descriptor, x.descriptor,
        Float(op.epsilon), flags, hint.descriptor.pointer, attributes.pointer)
    }
    let vector = try channels(node.inputs[0])
    let reads =
      [
        (Int(DN_ARG_SRC), operand(node.inputs[0], x)),
        (Int(DN_ARG_DIFF_DST), operand(node.inputs[4], x)),
        (Int(DN_ARG_SCALE), operand(node.inputs[1], vector)),
        (Int(DN_ARG_MEAN), operand(node.inputs[2], vector)),
        (Int(DN_ARG_VARIANCE), operand(node.inputs[3], vector)),
      ] + (hint.workspace.map { [(Int(DN_ARG_WORKSPACE), $0)] } ?? [])
    let writes = [
      (Int(DN_ARG_DIFF_SRC), define([node.outputs[0]], x)),
      (Int(DN_ARG_DIFF_SCALE), define([node.outputs[1]], vector)),
      (Int(DN_ARG_DIFF_SHIFT), define([node.outputs[2]], vector)),
    ]
    try add(
      "batch_norm gradient" + (hint.relu ? " + relu gradient" : ""), descriptor, reads: reads,
      writes: writes, for: node)
    return true
  }
}
