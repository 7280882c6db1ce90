import CDNNL
import CKernels
import StriateCore
import StriateIR
import StriateRuntime

/// Whether Winograd's minimal filtering takes a 3×3 or 5×5 convolution or one of its gradients, and how.
///
/// A tile of m×m results of r×r taps takes (m+r−1)² products a pair of channels instead of r²·m² (Lavin and Gray,
/// Fast Algorithms for Convolutional Neural Networks, 2015): a quarter with m = 4 and r = 3, 36 of 100 with m = 2
/// and r = 5, at the price of transforms and of rounding: ‖error‖/‖result‖ against double precision is about 1.7
/// times that of a plain sum with m = 4, and half of it with m = 2 and r = 3. An infinity or NaN in the input reaches all results of the tiles that read it.
struct Winograd {
  private let types: ConvolutionTypes
  let direction: ConvolutionDirection
  /// Whether the filter is transformed by a step of its own.
  let keepsFilter: Bool
  private let tile: Int
  private let block: Int
  /// Whether threads divide channels; else they divide tiles.
  private let isShared: Bool
  private let threads: Int

  /// Nil where the convolution is of another kind, lies otherwise in memory, or is left to the library because
  /// that is about as fast.
  ///
  /// - Parameters:
  ///   - layouts: how the library's forward convolution wants its operands.
  ///   - isFilterFixed: whether the filter is the same at every run.
  ///   - way: what is wanted whether it pays or not; nil where the rule decides.
  init?(
    _ types: ConvolutionTypes, _ direction: ConvolutionDirection, _ layouts: ChosenConvolution,
    isFilterFixed: Bool, threads: Int, way: ConvolutionWay?
  ) {
    guard Switch.winograd.isOn, way == nil || way?.tile != nil, sk_has_wide_vectors() != 0,
      Winograd.takes(types),
      layouts.x.kept.isBlocked,
      layouts.y.kept.isBlocked, layouts.w.kept.isBlockedFilter
    else { return nil }
    let tiles = types.taps == 3 ? [4, 2] : [2]
    let estimates = tiles.filter { way == nil || $0 == way?.tile }.map {
      WinogradCost(types, direction, tile: $0, isFilterFixed: isFilterFixed)
    }
    guard let best = estimates.min(by: { $0.cycles < $1.cycles }), way != nil || best.isWorthwhile,
      best.largestScratch(threads: threads) < Winograd.most
    else { return nil }
    self.types = types
    self.direction = direction
    self.threads = max(threads, 1)
    tile = best.tile
    (isShared, block) = best.division(direction, among: self.threads)
    keepsFilter = direction != .filterGradient && (isFilterFixed || !isShared)
  }

  /// Numbers of scratch space, more than which is left to the library.
  private static let most = Double(1 << 30)

  /// Whether a convolution is of the kind at all: 3×3 or 5×5, stride and dilation 1, one group, padding that no
  /// window lies in as a whole.
  static func takes(_ types: ConvolutionTypes) -> Bool {
    let window = types.rule.window
    return types.rule.groups == 1 && [[3, 3], [5, 5]].contains(window.kernel)
      && window.stride == [1, 1]
      && window.dilation == [1, 1]
      && (window.padLow + window.padHigh).allSatisfy { $0 < types.taps }
  }

  /// What reports call the kernel.
  var implementation: String { "striate:winograd\(tile)" + (types.taps == 5 ? "of5" : "") }

  /// Products of the whole operation, had each result one a tap.
  var work: Int {
    types.y.shape.count.multipliedSaturated(types.taps * types.taps * types.w.shape[1])
  }

  /// Bytes of the transformed filter.
  var filterBytes: Int { 4 * withUnsafePointer(to: kernel) { Int(sk_winograd_filter_size($0)) } }

  /// Bytes of scratch space.
  var scratchBytes: Int {
    var kernel = kernel
    // Only whether it is there matters here.
    if keepsFilter { kernel.filter = UnsafeMutablePointer(bitPattern: 64) }
    return 4
      * (direction == .filterGradient
        ? Int(sk_winograd_gradient_scratch_size(&kernel, Int32(threads)))
        : Int(sk_winograd_scratch_size(&kernel, Int32(threads))))
  }

  /// The kernel's operands but for their addresses.
  var kernel: sk_winograd {
    var kernel = sk_winograd()
    let window = types.rule.window
    let isInputGradient = direction == .inputGradient
    let (from, to) = isInputGradient ? (types.y, types.x) : (types.x, types.y)
    kernel.images = Int64(types.x.shape[0])
    kernel.inputs = Int64(from.shape[1])
    kernel.outputs = Int64(to.shape[1])
    kernel.input = (Int64(from.shape[2]), Int64(from.shape[3]))
    kernel.output = (Int64(to.shape[2]), Int64(to.shape[3]))
    let low = window.padLow.map { Int64(isInputGradient ? types.taps - 1 - $0 : $0) }
    kernel.low = (low[0], low[1])
    kernel.block = Int64(block)
    kernel.tile = Int32(tile)
    kernel.taps = Int32(types.taps)
    kernel.turned = isInputGradient ? 1 : 0
    kernel.shared = isShared ? 1 : 0
    kernel.high = .infinity
    return kernel
  }
}

extension ConvolutionTypes {
  /// Taps a side of a square filter.
  fileprivate var taps: Int { rule.window.kernel[0] }
}

extension Layout {
  /// Whether images lie in blocks of 16 channels, side by side at every pixel.
  var isBlocked: Bool { blocks?.block == 16 }

  /// Whether a filter lies in squares of 16 by 16 channels, [O/16][I/16][H][W][16 I][16 O].
  var isBlockedFilter: Bool {
    guard dims.count == 4, let innerBlocks, let strides, innerBlocks.extents == [16, 16],
      innerBlocks.axes == [1, 0]
    else { return false }
    let taps = dims[2] * dims[3]
    return strides == [(dims[1] + 15) / 16 * taps * 256, taps * 256, dims[3] * 256, 256]
  }
}
