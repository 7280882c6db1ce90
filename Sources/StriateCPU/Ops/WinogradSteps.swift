import CDNNL
import CKernels
import StriateCore
import StriateIR
import StriateRuntime

extension Lowering {
  /// The operands of a convolution or of one of its gradients, in the roles of the forward one.
  struct WinogradOperands {
    let x, w, y: BufferID
    /// Added to the result, a number a channel and a tensor.
    var bias, residual: BufferID?
    var activation: AffineTail.Activation?
    /// The bias's gradient.
    var biasGradient: BufferID?
  }

  /// Whether Winograd's kernels take a convolution or gradient for which the library has chosen a kernel, and
  /// the layouts in which they want its operands: those of the library's forward convolution.
  func winograd(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection, _ chosen: ChosenConvolution,
    filter: ValueID?
  ) throws -> (kernel: Winograd, layouts: ChosenConvolution)? {
    guard Winograd.takes(types) else { return nil }
    let layouts =
      try direction == .forward
      ? chosen : chosenForward(chosen.view, bias: nil, activation: nil)
    let isFixed = filter.map(fixed.isFixed) ?? false
    return Winograd(
      types, direction, layouts, isFilterFixed: isFixed, threads: thread.threads,
      way: way(types, direction, filter: filter)
    ).map { ($0, layouts) }
  }

  /// What has been found the fastest by trying, or nil where rules decide.
  func way(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection, filter: ValueID?
  ) -> ConvolutionWay? {
    ways[
      ConvolutionKey(
        direction: direction, types: types, isFilterFixed: filter.map(fixed.isFixed) ?? false)]
  }

  /// Adds a convolution or one of its gradients; the filter is transformed first, by a step that runs but once
  /// where nothing changes the filter.
  mutating func addWinograd(
    _ name: String, _ winograd: Winograd, _ operands: WinogradOperands, for node: Node
  ) {
    let (direction, scratch) = (winograd.direction, arena(winograd.scratchBytes))
    var filter: BufferID?
    if winograd.keepsFilter {
      let transformed = arena(winograd.filterBytes)
      add(
        "filter transform", sk_run_winograd_filter, work: winograd.filterBytes / 4,
        reads: [operands.w], writes: [transformed], for: node,
        implementation: winograd.implementation
      ) { address in
        var kernel = winograd.kernel
        kernel.w = address(operands.w).assumingMemoryBound(to: Float.self)
        kernel.filter = address(transformed).assumingMemoryBound(to: Float.self)
        return KernelContext(kernel)
      }
      filter = transformed
    }
    let (bias, residual) = (operands.bias, operands.residual)
    let reads: [BufferID?]
    let writes: [BufferID?]
    switch direction {
    case .forward:
      (reads, writes) = ([operands.x, filter ?? operands.w, bias, residual], [operands.y])
    case .inputGradient: (reads, writes) = ([operands.y, filter ?? operands.w], [operands.x])
    case .filterGradient:
      (reads, writes) = ([operands.x, operands.y], [operands.w, operands.biasGradient])
    }
    add(
      name, direction == .filterGradient ? sk_run_winograd_filter_gradient : sk_run_winograd,
      work: winograd.work, reads: reads.compactMap { $0 },
      writes: writes.compactMap { $0 } + [scratch], for: node,
      implementation: winograd.implementation
    ) { address in
      func floats(_ id: BufferID) -> UnsafeMutablePointer<Float> {
        address(id).assumingMemoryBound(to: Float.self)
      }
      var kernel = winograd.kernel
      kernel.x = floats(direction == .inputGradient ? operands.y : operands.x)
      kernel.y = floats(direction == .inputGradient ? operands.x : operands.y)
      kernel.w = floats(operands.w)
      kernel.filter = filter.map(floats)
      kernel.bias = bias.map { UnsafePointer(floats($0)) }
      kernel.sum = residual.map { UnsafePointer(floats($0)) }
      kernel.dbias = operands.biasGradient.map(floats)
      kernel.scratch = floats(scratch)
      switch operands.activation {
      case .relu: kernel.relu = 1
      case .clip(let high):
        kernel.relu = 1
        kernel.high = Float(high)
      case nil: break
      }
      return KernelContext(kernel)
    }
  }
}
