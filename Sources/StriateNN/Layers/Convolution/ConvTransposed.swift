import StriateCore
import StriateIR

/// A transposed convolution of images: every element adds a copy of a learned filter, `stride` apart.
///
/// `[N, in, H, W]` → `[N, out, H', W']` with
/// `H' = (H − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1`. Keys as PyTorch's
/// `ConvTranspose2d`: `weight` `[in, out/groups, kh, kw]` and, where there is one, `bias` `[out]`.
/// Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional networks", CVPR 2010.
public struct ConvTransposed2D: Layer {
  /// The filters `[in, out/groups, kh, kw]`.
  public let weight: Parameter
  /// What is added to each output channel `[out]`.
  public let bias: Parameter?
  /// Steps between the copies of neighbouring elements.
  public let stride: Pair
  /// Elements taken off either side of each axis.
  public let padding: Pair
  /// Elements added at the end of each axis.
  public let outputPadding: Pair
  /// Steps between neighbouring filter elements; 1 is dense.
  public let dilation: Pair
  /// Into how many independent groups the channels fall.
  public let groups: Int

  /// A transposed convolution; impossible widths are reported when a program reads the layer.
  public init(
    in inputs: Int, out outputs: Int, kernel: Pair, stride: Pair = 1, padding: Pair = 0,
    outputPadding: Pair = 0, dilation: Pair = 1, groups: Int = 1, bias: Bool = true,
    weights: Initializer = .he()
  ) {
    let fault = ConvolutionWeights.fault(
      "ConvTransposed2D", in: inputs, out: outputs, kernel: kernel.list, groups: groups)
    let filter: Shape = [inputs, outputs / max(groups, 1), kernel.height, kernel.width]
    (weight, self.bias) = ConvolutionWeights.make(
      filter, outputs: outputs, bias: bias, weights, fault)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// Maps `[N, in, H, W]` to `[N, out, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = convolutionTransposed(
      x, weight, stride: stride.list, padLow: padding.list, outputPadding: outputPadding.list,
      dilation: dilation.list, groups: groups)
    guard let bias else { return y }
    return y + y.builder.read(bias).alongChannels(like: y)
  }
}

/// A transposed convolution of sequences; see `ConvTransposed2D`.
///
/// `[N, in, L]` → `[N, out, L']`. Keys as PyTorch's `ConvTranspose1d`: `weight` `[in, out/groups, k]` and, where
/// there is one, `bias` `[out]`.
public struct ConvTransposed1D: Layer {
  /// The filters `[in, out/groups, k]`.
  public let weight: Parameter
  /// What is added to each output channel `[out]`.
  public let bias: Parameter?
  /// Steps between the copies of neighbouring elements.
  public let stride: Int
  /// Elements taken off either side.
  public let padding: Int
  /// Elements added at the end.
  public let outputPadding: Int
  /// Steps between neighbouring filter elements; 1 is dense.
  public let dilation: Int
  /// Into how many independent groups the channels fall.
  public let groups: Int

  /// A transposed convolution; impossible widths are reported when a program reads the layer.
  public init(
    in inputs: Int, out outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    weights: Initializer = .he()
  ) {
    let fault = ConvolutionWeights.fault(
      "ConvTransposed1D", in: inputs, out: outputs, kernel: [kernel], groups: groups)
    (weight, self.bias) = ConvolutionWeights.make(
      [inputs, outputs / max(groups, 1), kernel], outputs: outputs, bias: bias, weights, fault)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// Maps `[N, in, L]` to `[N, out, L']`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = convolutionTransposed(
      x, weight, stride: [stride], padLow: [padding], outputPadding: [outputPadding],
      dilation: [dilation], groups: groups)
    guard let bias else { return y }
    return y + y.builder.read(bias).alongChannels(like: y)
  }
}
