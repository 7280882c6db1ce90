import CKernels
import StriateCore
import StriateIR

extension Lowering {
  /// Local response normalisation, or its gradient where there is one to read.
  mutating func lowerLocalResponse(_ op: LocalResponse, _ node: Node) throws {
    let type = graph.type(node.inputs[0])
    guard isSinglePrecision(node) else {
      return try interpret(node, because: reason(against: node))
    }
    let operands = try node.inputs.map { try plain($0).buffer }
    let result = define(node.outputs[0], try .plain(type))
    let channels = type.shape[1]
    let plane = type.shape.dims.dropFirst(2).reduce(1, *)
    let isGradient = operands.count == 2
    let scratch =
      isGradient ? arena(thread.threads * channels * Int(SK_LOCAL_WIDTH) * 4) : nil
    add(
      node.op.name, sk_run_local_response, work: type.shape.count * 8, reads: operands,
      writes: [result.buffer] + (scratch.map { [$0] } ?? []), for: node
    ) { address in
      func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
        address(id).assumingMemoryBound(to: Float.self)
      }
      return KernelContext(
        sk_local_response(
          x: floats(operands[0]), dy: isGradient ? UnsafePointer(floats(operands[1])) : nil,
          y: floats(result.buffer), scratch: scratch.map(floats), images: Int64(type.shape[0]),
          channels: Int64(channels), plane: Int64(plane), window: Int64(op.size),
          alpha: Float(op.alpha / Double(op.size)), beta: Float(op.beta), k: Float(op.k)))
    }
  }
}
