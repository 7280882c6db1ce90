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

/// The greatest element under a window that slides along a sequence.
///
/// `[N, C, L]` → `[N, C, L']`; padding never wins.
public struct MaxPool1D: Layer {
  private let id = LayerID()
  /// The window's extent.
  public let kernel: Int
  /// Steps between windows; the kernel's extent by default.
  public let stride: Int
  /// Empty places on either side.
  public let padding: Int
  /// Steps between neighbouring elements of a window.
  public let dilation: Int
  /// Whether a partial last window counts.
  public let ceil: Bool

  /// A pooling; impossible windows are reported when it is traced.
  public init(
    _ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceil: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.dilation = dilation
    self.ceil = ceil
  }

  /// Maps `[N, C, L]` to `[N, C, L']`.
  public func forward(_ x: Tensor) -> Tensor {
    maxPool(
      x, kernel: [kernel], stride: [stride], padding: [padding], dilation: [dilation], ceil: ceil)
  }
}
