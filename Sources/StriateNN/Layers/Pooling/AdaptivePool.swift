import StriateCore
import StriateIR

/// The mean under as many windows as the output has elements, whatever the input's extents.
///
/// `[N, C, H, W]` → `[N, C, size]`; window `i` of `n` over an extent `e` covers `⌊i·e/n⌋ ..< ⌈(i + 1)·e/n⌉`.
/// PyTorch's `AdaptiveAvgPool2d`.
public struct AdaptiveAvgPool2D: Layer {
  private let id = LayerID()
  /// The output's extents.
  public let size: Pair

  /// A pooling to these extents; impossible ones are reported when it is traced.
  public init(_ size: Pair) { self.size = size }

  /// Maps `[N, C, H, W]` to `[N, C, size]`.
  public func forward(_ x: Tensor) -> Tensor { adaptiveAveragePool(x, size: size.list) }
}

/// The greatest element under as many windows as the output has elements; see `AdaptiveAvgPool2D`.
///
/// `[N, C, H, W]` → `[N, C, size]`. PyTorch's `AdaptiveMaxPool2d`.
public struct AdaptiveMaxPool2D: Layer {
  private let id = LayerID()
  /// The output's extents.
  public let size: Pair

  /// A pooling to these extents; impossible ones are reported when it is traced.
  public init(_ size: Pair) { self.size = size }

  /// Maps `[N, C, H, W]` to `[N, C, size]`.
  public func forward(_ x: Tensor) -> Tensor { adaptiveMaxPool(x, size: size.list) }
}

/// The mean under as many windows along a sequence as the output has elements.
///
/// `[N, C, L]` → `[N, C, size]`.
public struct AdaptiveAvgPool1D: Layer {
  private let id = LayerID()
  /// The output's extent.
  public let size: Int

  /// A pooling to this extent; an impossible one is reported when it is traced.
  public init(_ size: Int) { self.size = size }

  /// Maps `[N, C, L]` to `[N, C, size]`.
  public func forward(_ x: Tensor) -> Tensor { adaptiveAveragePool(x, size: [size]) }
}

/// The greatest element under as many windows along a sequence as the output has elements.
///
/// `[N, C, L]` → `[N, C, size]`.
public struct AdaptiveMaxPool1D: Layer {
  private let id = LayerID()
  /// The output's extent.
  public let size: Int

  /// A pooling to this extent; an impossible one is reported when it is traced.
  public init(_ size: Int) { self.size = size }

  /// Maps `[N, C, L]` to `[N, C, size]`.
  public func forward(_ x: Tensor) -> Tensor { adaptiveMaxPool(x, size: [size]) }
}
