import StriateCore
import StriateIR

/// The greatest element under a sliding window (Weng, Ahuja and Huang, 1993; HMAX, 1999).
///
/// `[N, C, H, W]` → `[N, C, H', W']`; padding never wins.
public struct MaxPool2D: Layer {
  private let id = LayerID()
  /// The window's extents.
  public let kernel: Pair
  /// Steps between windows; the kernel's extents by default.
  public let stride: Pair
  /// Empty places on either side of each axis.
  public let padding: Pair
  /// Steps between neighbouring elements of a window.
  public let dilation: Pair
  /// Whether a partial last window counts.
  public let ceil: Bool

  /// A pooling; impossible windows are reported when it is traced.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceil: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.dilation = dilation
    self.ceil = ceil
  }

  /// Maps `[N, C, H, W]` to `[N, C, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    maxPool(
      x, kernel: kernel.list, stride: stride.list, padding: padding.list, dilation: dilation.list,
      ceil: ceil)
  }
}

/// The mean under a sliding window (LeCun et al., 1989).
///
/// `[N, C, H, W]` → `[N, C, H', W']`.
public struct AvgPool2D: Layer {
  private let id = LayerID()
  /// The window's extents.
  public let kernel: Pair
  /// Steps between windows; the kernel's extents by default.
  public let stride: Pair
  /// Places on either side of each axis.
  public let padding: Pair
  /// Whether a partial last window counts.
  public let ceil: Bool
  /// Whether padding counts as zeros; otherwise the mean is over the elements that exist.
  public let countsPadding: Bool

  /// A pooling; impossible windows are reported when it is traced.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, ceil: Bool = false,
    countsPadding: Bool = true
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceil = ceil
    self.countsPadding = countsPadding
  }

  /// Maps `[N, C, H, W]` to `[N, C, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    averagePool(
      x, kernel: kernel.list, stride: stride.list, padding: padding.list, ceil: ceil,
      countsPadding: countsPadding)
  }
}

/// The mean of each channel over space (Lin, Chen and Yan, "Network in network", 2014).
///
/// `[N, C, H, W]` → `[N, C]`.
public struct GlobalAveragePool: Layer {
  private let id = LayerID()

  /// A mean over space.
  public init() {}

  /// Maps `[N, C, H, W]` to `[N, C]`.
  public func forward(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    guard x.shape.rank >= 3 else {
      return x.builder.refuse(
        "global_average_pool", "takes images [N, C, …], found \(x.type)", operands: [x])
    }
    return x.mean(over: Array(2..<x.shape.rank))
  }
}
