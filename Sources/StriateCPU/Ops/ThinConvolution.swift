import CDNNL
import CKernels
import StriateCore
import StriateIR
import StriateRuntime

/// Whether our own kernels take a convolution of thin channels or one of its gradients, and what they want to know
/// of it.
///
/// The library's vectors are 16 channels: of six it computes sixteen. And it multiplies matrices for each group of
/// each image where it has no better kernel: a depthwise filter of 5×5 or a dilated one is a matrix of one row, fifty
/// times slower than need be. Here vectors are positions or images, whatever the channels.
struct ThinConvolution {
  private let types: ConvolutionTypes
  let direction: ConvolutionDirection
  /// The kernel's operands but for their addresses.
  let kernel: sk_thin_convolution

  /// The products of channels within a group up to which a group is too thin for a matrix product.
  private static let thin = 64
  /// Numbers of scratch space a thread, more than which is left to the library.
  private static let most = Double(1 << 26)

  /// Nil where the library's kernel is a good one.
  ///
  /// - Parameter way: what is wanted whether it pays or not; nil where the rule decides.
  init?(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection,
    insteadOf kernel: PrimitiveDescriptor,
    threads: Int, way: ConvolutionWay?
  ) {
    let window = types.rule.window
    guard window.kernel.count <= 3 else { return nil }
    let cost = ThinCost(types, direction)
    if kernel.isNaive || kernel.isMatrixProduct, types.rule.groups > 1 {
      let channels = types.w.shape[1] * (types.w.shape[0] / max(types.rule.groups, 1))
      guard channels <= Self.thin else { return nil }
    } else {
      guard Switch.thin.isOn, types.rule.groups == 1, sk_has_wide_vectors() != 0,
        way == nil ? cost.isWorthwhile : way == .thin
      else { return nil }
    }
    guard cost.largestScratch < Self.most else { return nil }
    self.types = types
    self.direction = direction
    self.kernel = Self.kernel(types, direction, threads: max(threads, 1))
  }

  /// Bytes of scratch space.
  var scratchBytes: Int { 4 * withUnsafePointer(to: kernel) { Int(sk_thin_scratch($0, code)) } }

  private var code: Int32 { Self.code(direction) }

  private static func code(_ direction: ConvolutionDirection) -> Int32 {
    switch direction {
    case .forward: Int32(SK_THIN_FORWARD)
    case .inputGradient: Int32(SK_THIN_INPUT)
    case .filterGradient: Int32(SK_THIN_FILTER)
    }
  }

  /// What reports call the kernel.
  var implementation: String { "striate:thin" }

  /// Products of the whole operation.
  var work: Int { types.y.shape.count * types.w.shape.dims.dropFirst().reduce(1, *) }

  private static func kernel(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection, threads: Int
  ) -> sk_thin_convolution {
    let window = types.rule.window
    var kernel = sk_thin_convolution()
    kernel.images = Int64(types.x.shape[0])
    kernel.groups = Int64(types.rule.groups)
    kernel.inputs = Int64(types.w.shape[1])
    kernel.outputs = Int64(types.w.shape[0] / max(types.rule.groups, 1))
    kernel.threads = Int32(threads)
    func three(_ values: some Collection<Int>, or missing: Int) -> [Int] {
      [Int](repeating: missing, count: max(3 - values.count, 0)) + values
    }
    assign(&kernel.input, three(types.x.shape.dims.dropFirst(2), or: 1))
    assign(&kernel.output, three(types.y.shape.dims.dropFirst(2), or: 1))
    assign(&kernel.kernel, three(window.kernel, or: 1))
    assign(&kernel.stride, three(window.stride, or: 1))
    assign(&kernel.dilation, three(window.dilation, or: 1))
    assign(&kernel.low, three(window.padLow, or: 0))
    sk_prepare_thin(&kernel, code(direction))
    return kernel
  }
}

extension Lowering {
  /// The operands of a convolution of thin channels or of one of its gradients, in the roles of the forward one.
  struct ThinOperands {
    let x, w, y: BufferID
    var bias: BufferID?
    var relu = false
  }

  /// Adds one of our kernels for thin channels.
  mutating func addThin(
    _ name: String, _ thin: ThinConvolution, _ operands: ThinOperands, for node: Node
  ) {
    let scratch = arena(thin.scratchBytes)
    let bias = operands.bias.map { [$0] } ?? []
    let body: dn_body
    let reads: [BufferID]
    let writes: [BufferID]
    switch thin.direction {
    case .forward:
      (body, reads, writes) =
        (sk_run_thin_convolution, [operands.x, operands.w] + bias, [operands.y])
    case .inputGradient:
      (body, reads, writes) =
        (sk_run_thin_input_gradient, [operands.y, operands.w], [operands.x])
    case .filterGradient:
      (body, reads, writes) =
        (sk_run_thin_filter_gradient, [operands.x, operands.y], [operands.w] + bias)
    }
    add(
      name, body, work: thin.work, reads: reads, writes: writes + [scratch], for: node,
      implementation: thin.implementation
    ) { address in
      func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
        address(id).assumingMemoryBound(to: Float.self)
      }
      var kernel = thin.kernel
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
