import CDNNL
import CKernels
import StriateCore
import StriateIR
import StriateRuntime

/// Whether our own kernels take a convolution of many thin groups, and what they want to know of it.
///
/// The library multiplies matrices for each group of each image where it has no better kernel. A depthwise
/// filter of 5×5 or a dilated one is a matrix of one row: fifty times slower than need be, and hundreds of
/// times on several threads.
struct GroupedConvolution {
  private let types: ConvolutionTypes
  private let scratch: Int

  /// The products of channels within a group up to which a group is too thin for a matrix product.
  private static let thin = 64
  /// Numbers of scratch space a thread, more than which is left to the library.
  private static let most = 1 << 26

  /// Nil where the library's kernel is a good one, or the groups are not thin.
  init?(_ types: ConvolutionTypes, insteadOf kernel: PrimitiveDescriptor) {
    let groups = types.rule.groups
    let window = types.rule.window
    guard kernel.isNaive || kernel.isMatrixProduct, groups > 1, window.kernel.count <= 3 else {
      return nil
    }
    let channels = types.w.shape[1] * (types.w.shape[0] / max(groups, 1))
    guard channels <= Self.thin else { return nil }
    // Extents are below 2^40 each: their products are judged before they are taken.
    var plane = 1.0
    var phases = 1.0
    for axis in window.kernel.indices {
      let reach = window.reach(axis) - 1
      plane *= Double(types.y.shape[axis + 2] + reach / max(window.stride[axis], 1))
      phases *= Double(min(window.stride[axis], reach + 1))
    }
    let taps = window.kernel.reduce(1.0) { $0 * Double($1) }
    let wanted = plane * (phases + 1) + taps * Double(16 * types.w.shape[1] + 2) + 64
    guard wanted < Double(Self.most) else { return nil }
    self.types = types
    scratch = (Int(wanted) + 15) / 16 * 16
  }

  /// Bytes of scratch space for these threads.
  func scratchBytes(threads: Int) -> Int { 4 * scratch * threads }

  /// Products of the whole operation.
  var work: Int { types.y.shape.count * types.w.shape.dims.dropFirst().reduce(1, *) }

  /// The kernel's operands but for their addresses.
  var kernel: sk_grouped_convolution {
    let window = types.rule.window
    var kernel = sk_grouped_convolution()
    kernel.scratch_size = Int64(scratch)
    kernel.images = Int64(types.x.shape[0])
    kernel.groups = Int64(types.rule.groups)
    kernel.inputs = Int64(types.w.shape[1])
    kernel.outputs = Int64(types.w.shape[0] / max(types.rule.groups, 1))
    func three(_ values: some Collection<Int>, or missing: Int) -> [Int] {
      [Int](repeating: missing, count: max(3 - values.count, 0)) + values
    }
    assign(&kernel.input, three(types.x.shape.dims.dropFirst(2), or: 1))
    assign(&kernel.output, three(types.y.shape.dims.dropFirst(2), or: 1))
    assign(&kernel.kernel, three(window.kernel, or: 1))
    assign(&kernel.stride, three(window.stride, or: 1))
    assign(&kernel.dilation, three(window.dilation, or: 1))
    assign(&kernel.low, three(window.padLow, or: 0))
    return kernel
  }
}

extension Lowering {
  /// The operands of a grouped convolution or of one of its gradients, in the roles of the forward one.
  struct GroupedOperands {
    let x, w, y: BufferID
    var bias: BufferID?
    var relu = false
  }

  /// Adds one of our kernels for grouped convolutions.
  mutating func addGrouped(
    _ name: String, _ body: @escaping dn_body, _ grouped: GroupedConvolution,
    _ operands: GroupedOperands, reads: [BufferID], writes: [BufferID], for node: Node
  ) {
    let scratch = arena(grouped.scratchBytes(threads: max(thread.threads, 1)))
    add(
      name, body, work: grouped.work, reads: reads, writes: writes + [scratch], for: node
    ) { address in
      func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
        address(id).assumingMemoryBound(to: Float.self)
      }
      var kernel = grouped.kernel
      kernel.x = floats(operands.x)
      kernel.w = floats(operands.w)
      kernel.y = floats(operands.y)
      kernel.bias = operands.bias.map(floats)
      kernel.scratch = floats(scratch)
      kernel.relu = operands.relu ? 1 : 0
      return KernelContext(kernel)
    }
  }
}
