import CDNNL
import StriateCore
import StriateIR

extension Layout {
  /// Images in blocks of 16 or 8 channels that lie side by side at every pixel; nil where the library has no such layout.
  static func blocked(_ type: TensorType, _ block: Int) -> Layout? {
    guard type.dtype == .float32, type.shape.rank == 4, type.shape.count > 0 else { return nil }
    let dims = extents(type.shape)
    var descriptor: dn_md?
    guard
      dn_memory_desc_create_with_tag(
        &descriptor, 4, dims, Int32(DN_F32), Int32(block == 16 ? DN_TAG_ABCD16B : DN_TAG_ABCD8B))
        == 0, let descriptor
    else { return nil }
    defer { dn_memory_desc_destroy(descriptor) }
    // The library's numbers of layouts are not part of its promises.
    guard let layout = try? Layout.chosen(type, descriptor, as: dims),
      layout.channels?.block == block
    else { return nil }
    return layout
  }

  /// How images lie whose channels are in blocks of 16 or 8; nil where they are not.
  var blocks: ChannelPattern? {
    guard dims.count == 4, type.dtype == .float32, !isPlain, let channels,
      channels.block == 16 || channels.block == 8,
      byteCount == 4 * Int(dims[0]) * channels.outer * channels.inner
    else { return nil }
    return channels
  }
}

extension Lowering {
  /// The channels in a block as the library's kernels have them here; nil where it has no kernels of blocks.
  private var channelsOfBlock: Int? {
    let instructions = dn_get_effective_cpu_isa()
    return instructions & 0x20 != 0 ? 16 : instructions & 0x4 != 0 ? 8 : nil
  }

  /// The images that a batch norm takes.
  ///
  /// Those whose channels lie one behind the other, as a concatenation leaves them, are put in blocks first: for them the
  /// library has only its generic code, which takes ten times as long as that and a kernel of blocks, and the convolution
  /// behind it wants blocks as well.
  mutating func batchNormOperand(_ node: Node) throws -> Placed {
    let x = try place(node.inputs[0])
    guard x.layout.isPlain, isSinglePrecision(node), let block = channelsOfBlock,
      x.layout.type.shape.rank == 4, x.layout.type.shape[1] >= block / 2,
      let blocks = Layout.blocked(x.layout.type, block)
    else { return x }
    return try placed(node.inputs[0], as: blocks)
  }

  /// Joins images along their channels as blocks, where all lie in blocks and all but the last fill theirs.
  ///
  /// - Returns: whether it did.
  mutating func concatBlocks(_ op: Concat, _ node: Node) throws -> Bool {
    let type = graph.type(node.outputs[0])
    let parts = node.inputs.compactMap { knownLayout($0)?.blocks }
    guard op.axis == 1, parts.count == node.inputs.count, let block = parts.first?.block,
      parts.allSatisfy({ $0.block == block }),
      node.inputs.dropLast().allSatisfy({ graph.type($0).shape[1] % block == 0 }),
      let layout = Layout.blocked(type, block), let whole = layout.blocks
    else { return false }
    let target = define(node.outputs[0], layout)
    var start = 0
    for (input, part) in zip(node.inputs, parts) {
      let source = try place(input)
      let count = part.outer * part.inner
      let rows = CopyRows(
        [type.shape[0], count], from: [count, 1], to: [whole.outer * whole.inner, 1])
      copy(rows, source, 0, target, start, for: node)
      start += count
    }
    return true
  }

  /// Takes channels out of images in blocks, where they are whole blocks and everything else stays.
  ///
  /// - Returns: whether it did.
  mutating func sliceBlocks(_ op: Slice, _ node: Node) throws -> Bool {
    let (from, to) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    guard to.shape.rank == 4, let whole = knownLayout(node.inputs[0])?.blocks,
      op.step.allSatisfy({ $0 == 1 }), op.start[1] % whole.block == 0,
      to.shape[1] % whole.block == 0 || op.start[1] + to.shape[1] == from.shape[1],
      [0, 2, 3].allSatisfy({ op.start[$0] == 0 && to.shape[$0] == from.shape[$0] }),
      let layout = Layout.blocked(to, whole.block), let part = layout.blocks
    else { return false }
    let source = try place(node.inputs[0])
    let count = part.outer * part.inner
    let rows = CopyRows(
      [to.shape[0], count], from: [whole.outer * whole.inner, 1], to: [count, 1])
    copy(
      rows, source, op.start[1] / whole.block * whole.inner, define(node.outputs[0], layout), 0,
      for: node)
    return true
  }
}
