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
}
