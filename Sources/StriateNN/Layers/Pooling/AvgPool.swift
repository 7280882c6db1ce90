import StriateCore
import StriateIR

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

/// The mean under a window that slides along a sequence.
///
/// `[N, C, L]` → `[N, C, L']`.
public struct AvgPool1D: Layer {
  private let id = LayerID()
  /// The window's extent.
  public let kernel: Int
  /// Steps between windows; the kernel's extent by default.
  public let stride: Int
  /// Places on either side.
  public let padding: Int
  /// Whether a partial last window counts.
  public let ceil: Bool
  /// Whether padding counts as zeros; otherwise the mean is over the elements that exist.
  public let countsPadding: Bool

  /// A pooling; impossible windows are reported when it is traced.
  public init(
    _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceil: Bool = false,
    countsPadding: Bool = true
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceil = ceil
    self.countsPadding = countsPadding
  }

  /// Maps `[N, C, L]` to `[N, C, L']`.
  public func forward(_ x: Tensor) -> Tensor {
    averagePool(
      x, kernel: [kernel], stride: [stride], padding: [padding], ceil: ceil,
      countsPadding: countsPadding)
  }
}
