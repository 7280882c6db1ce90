import CDNNL
import CKernels
import StriateCore
import StriateIR

extension Lowering {
  /// Batch norm with what follows it.
  mutating func lowerBatchNorm(_ nodes: [Node], _ tail: BatchNormTail) throws {
    guard let node = nodes.first, let last = nodes.last, case .batchNorm(let op) = node.op else {
      return
    }
    guard let own = try ownBatchNorm(of: node, epsilon: op.epsilon) else {
      let relu = tail.residual == nil && tail.relu ? last : nil
      try lowerLibraryBatchNorm(node, relu: relu)
      if tail.residual != nil { try lowerPointwise(Array(nodes.dropFirst())) }
      return
    }
    let residual = try tail.residual.map { try placed($0, as: own.x.layout).buffer }
    let (scale, shift) = (try plain(node.inputs[1]).buffer, try plain(node.inputs[2]).buffer)
    let y = define(last.outputs[0], own.x.layout).buffer
    let mean = define(node.outputs[1], try .plain(graph.type(node.outputs[1]))).buffer
    let variance = define(node.outputs[2], try .plain(graph.type(node.outputs[2]))).buffer
    let partial = own.partialBytes.map { arena($0) }
    let reads = [own.x.buffer, scale, shift] + (residual.map { [$0] } ?? [])
    let name =
      "batch_norm" + (residual == nil ? "" : " + add") + (tail.relu ? " + relu" : "")
    addBatchNorm(
      name, own, partial, whole: sk_run_batch_norm, sums: sk_run_batch_norm_sums,
      rest: sk_run_batch_norm_rest, reads: reads, writes: [y, mean, variance], for: node
    ) { kernel, floats in
      kernel.x = UnsafePointer(floats(own.x.buffer))
      kernel.scale = UnsafePointer(floats(scale))
      kernel.shift = UnsafePointer(floats(shift))
      kernel.residual = residual.map { UnsafePointer(floats($0)) }
      kernel.y = floats(y)
      kernel.mean = floats(mean)
      kernel.variance = floats(variance)
      kernel.relu = tail.relu ? 1 : 0
    }
    if tail.residual == nil, isReadAgain(last.outputs[0]) {
      remakeable[last.outputs[0]] = RemakeableBatchNorm(
        own: own, scale: scale, shift: shift, mean: mean, variance: variance, relu: tail.relu)
    }
  }

  /// Makes a batch norm's result once more for a filter's gradient, so that its memory was free in between.
  mutating func remake(_ id: ValueID, for node: Node) {
    guard let batchNorm = remakeable.removeValue(forKey: id) else { return }
    let own = batchNorm.own
    let y = define(id, own.x.layout).buffer
    add(
      "batch_norm" + (batchNorm.relu ? " + relu" : "") + " again", sk_run_batch_norm_again,
      work: own.x.layout.type.shape.count,
      reads: [
        own.x.buffer, batchNorm.scale, batchNorm.shift, batchNorm.mean, batchNorm.variance,
      ], writes: [y], for: node
    ) { address in
      func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
        address(id).assumingMemoryBound(to: Float.self)
      }
      var kernel = own.kernel
      kernel.x = UnsafePointer(floats(own.x.buffer))
      kernel.scale = UnsafePointer(floats(batchNorm.scale))
      kernel.shift = UnsafePointer(floats(batchNorm.shift))
      kernel.mean = floats(batchNorm.mean)
      kernel.variance = floats(batchNorm.variance)
      kernel.y = floats(y)
      kernel.relu = batchNorm.relu ? 1 : 0
      return KernelContext(kernel)
    }
  }

  /// Whether a result is worth making twice: nothing but filters' gradients reads it after the forward pass, and
  /// they do so much with each element that to make it again costs little.
  private func isReadAgain(_ id: ValueID) -> Bool {
    guard Switch.recompute.isOn, !graph.results.contains(id) else { return false }
    var isRead = false
    for position in grouping.consumers[id.index] where graph.nodes[position].phase != .forward {
      let node = graph.nodes[position]
      switch (node.op, grouping.groups[grouping.groupOf[position]].kind) {
      case (.convolutionBackwardFilter, _):
        let products = graph.type(node.inputs[1]).shape.count.multipliedReportingOverflow(
          by: graph.type(node.outputs[0]).shape.dims.dropFirst().reduce(1, *))
        guard node.inputs[0] == id, node.inputs[1] != id, !products.overflow,
          products.partialValue / max(graph.type(id).shape.count, 1) >= Self.worthwhileProducts
        else { return false }
        isRead = true
      case (.binary, .batchNormBackward(let gradient)):
        guard case .ownReLU = gradient.gate else { return false }
      default: return false
      }
    }
    return isRead
  }

  /// Products with an element for which it may be made again: reading and writing it takes as long as some twenty.
  private static let worthwhileProducts = 200

  /// A batch norm's result that can be made again from its operand, which its gradient keeps anyway.
  struct RemakeableBatchNorm {
    fileprivate let own: OwnBatchNorm
    fileprivate let scale, shift, mean, variance: BufferID
    fileprivate let relu: Bool
  }

  /// The gradient of batch norm with what precedes it.
  mutating func lowerBatchNormBackward(_ nodes: [Node], _ gradient: BatchNormGradient) throws {
    guard let node = nodes.last, case .batchNormBackward(let op) = node.op else { return }
    guard let own = try ownBatchNorm(of: node, epsilon: op.epsilon) else {
      return try lowerLibraryGradient(nodes, gradient)
    }
    let parts = try gradient.parts.map { try placed($0, as: own.x.layout).buffer }
    var gate: BufferID?
    if case .value(let id) = gradient.gate { gate = try placed(id, as: own.x.layout).buffer }
    var shift: BufferID?
    if case .ownReLU = gradient.gate, let forward = grouping.node(node.inputs[2]) {
      shift = try plain(forward.inputs[2]).buffer
    }
    let vectors = try node.inputs[1...3].map { try plain($0).buffer }
    let gated = gradient.gated.map { define($0, own.x.layout).buffer }
    let dx = define(node.outputs[0], own.x.layout).buffer
    let dScale = define(node.outputs[1], try .plain(graph.type(node.outputs[1]))).buffer
    let dShift = define(node.outputs[2], try .plain(graph.type(node.outputs[2]))).buffer
    let partial = own.partialBytes.map { arena($0) }
    let names: [String?] = [
      gradient.parts.count > 1 ? "add" : nil, gate ?? shift == nil ? nil : "relu gradient",
    ]
    let name = names.compactMap { $0 }.map { $0 + " + " }.joined() + "batch_norm gradient"
    let isGated = gate != nil || shift != nil
    addBatchNorm(
      name, own, partial, whole: sk_run_batch_norm_gradient, sums: sk_run_batch_norm_gradient_sums,
      rest: sk_run_batch_norm_gradient_rest,
      reads: [own.x.buffer] + vectors + parts + [gate, shift].compactMap { $0 },
      writes: [dx, dScale, dShift] + (gated.map { [$0] } ?? []), for: node
    ) { kernel, floats in
      kernel.x = UnsafePointer(floats(own.x.buffer))
      kernel.scale = UnsafePointer(floats(vectors[0]))
      kernel.mean = floats(vectors[1])
      kernel.variance = floats(vectors[2])
      kernel.shift = shift.map { UnsafePointer(floats($0)) }
      kernel.y = gate.map(floats)
      kernel.dy = UnsafePointer(floats(parts[0]))
      kernel.more = parts.count > 1 ? UnsafePointer(floats(parts[1])) : nil
      kernel.dsum = gated.map(floats)
      kernel.dx = floats(dx)
      kernel.dscale = floats(dScale)
      kernel.dshift = floats(dShift)
      kernel.relu = isGated ? 1 : 0
    }
  }

  /// The library's gradient, and what precedes it as arithmetic by itself where the library does not do it.
  private mutating func lowerLibraryGradient(
    _ nodes: [Node], _ gradient: BatchNormGradient
  ) throws {
    guard let node = nodes.last else { return }
    var before = Array(nodes.dropLast())
    if case .ownReLU = gradient.gate, let gate = before.last, hasLibraryMask(node) {
      before.removeLast()
      if !before.isEmpty { try lowerPointwise(before, keeping: [gate.inputs[1]]) }
      return try lowerLibraryBatchNormBackward(node, gate: gate)
    }
    if !before.isEmpty { try lowerPointwise(before, keeping: [node.inputs[4]]) }
    try lowerLibraryBatchNormBackward(node, gate: nil)
  }

  /// What our own kernels need to know of a batch norm that they take: images in blocks of 16 channels.
  fileprivate struct OwnBatchNorm {
    let x: Placed
    let kernel: sk_batch_norm
    /// Bytes of partial sums where threads divide the images.
    let partialBytes: Int?
  }

  /// Bytes beyond which a tensor is not in the caches any more when it is read next.
  ///
  /// What the system says of its
  /// caches is of no use: virtual machines report all that the host has.
  private static let streamedBytes = 8 << 20

  private mutating func ownBatchNorm(of node: Node, epsilon: Double) throws -> OwnBatchNorm? {
    guard Switch.fuseBatchNorm.isOn, isSinglePrecision(node) else { return nil }
    let x = try batchNormOperand(node)
    let shape = x.layout.type.shape
    guard x.layout.isBlocked, let pattern = x.layout.channels else { return nil }
    var kernel = sk_batch_norm()
    kernel.images = Int64(shape[0])
    kernel.blocks = Int64(pattern.outer)
    kernel.positions = Int64(pattern.inner / pattern.block)
    kernel.channels = Int64(shape[1])
    kernel.epsilon = Float(epsilon)
    kernel.parts = Int64(max(thread.threads, 1))
    kernel.streams = x.layout.byteCount > Self.streamedBytes ? 1 : 0
    // Few blocks cannot be divided evenly.
    let isWhole =
      kernel.parts == 1 || kernel.blocks >= 4 * kernel.parts
      || kernel.blocks % kernel.parts == 0
    let bytes = Int(sk_batch_norm_partial_size(kernel.blocks, kernel.parts))
    return OwnBatchNorm(x: x, kernel: kernel, partialBytes: isWhole ? nil : bytes)
  }

  /// Adds one step, or two between which lie the partial sums.
  private mutating func addBatchNorm(
    _ name: String, _ own: OwnBatchNorm, _ partial: BufferID?, whole: @escaping dn_body,
    sums: @escaping dn_body, rest: @escaping dn_body, reads: [BufferID],
    writes: [BufferID], for node: Node,
    _ bind: @escaping (inout sk_batch_norm, (BufferID) -> UnsafeMutablePointer<Float>) -> Void
  ) {
    let make: (Resolver) -> KernelContext = { address in
      var kernel = own.kernel
      bind(&kernel) { address($0).assumingMemoryBound(to: Float.self) }
      kernel.partial = partial.map { address($0) }
      return KernelContext(kernel)
    }
    let work = own.x.layout.type.shape.count
    guard let partial else {
      return add(name, whole, work: work, reads: reads, writes: writes, for: node, make)
    }
    // The gradient's sums step writes what lies behind the gate already.
    add(
      name + ", sums", sums, work: work, reads: reads, writes: [partial] + writes, for: node, make)
    add(name, rest, work: work, reads: reads + [partial], writes: writes, for: node, make)
  }
}
