import StriateCore
import StriateIR

/// A convolution of images with learned filters (Fukushima, 1980; LeCun et al., 1989).
///
/// `[N, in, H, W]` → `[N, out, H', W']` with `H' = (H + low + high − dilation·(kernel − 1) − 1) / stride + 1`,
/// rounded down. As many groups as input channels make it depthwise. Keys `weight` `[out, in/groups, kh, kw]`
/// and, where there is one, `bias` `[out]`.
public struct Conv2D: Layer {
  /// The filters `[out, in/groups, kh, kw]`.
  public let weight: Parameter
  /// What is added to each output channel `[out]`.
  public let bias: Parameter?
  /// Steps between neighbouring outputs.
  public let stride: Pair
  /// How far the input is widened.
  public let padding: Padding
  /// What it is widened by.
  public let paddingMode: PaddingMode
  /// Steps between neighbouring filter elements; 1 is dense.
  public let dilation: Pair
  /// Into how many independent groups the channels fall.
  public let groups: Int

  /// A convolution; impossible widths and groups are reported when a program reads the layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - padding: by how much either side of each axis is widened.
  ///   - weights: how the filters start.
  ///   - biases: how what is added to the channels starts.
  public init(
    in inputs: Int, out outputs: Int, kernel: Pair, stride: Pair = 1, padding: Pair = 0,
    mode: PaddingMode = .zeros, dilation: Pair = 1, groups: Int = 1, bias: Bool = true,
    weights: Initializer = .he(), biases: Initializer = .zeros
  ) {
    self.init(
      in: inputs, out: outputs, kernel: kernel, stride: stride,
      padding: .sides(low: padding.list, high: padding.list), mode: mode, dilation: dilation,
      groups: groups, bias: bias, weights: weights, biases: biases)
  }

  /// A convolution whose padding is `same`, or differs between the sides.
  public init(
    in inputs: Int, out outputs: Int, kernel: Pair, stride: Pair = 1, padding: Padding,
    mode: PaddingMode = .zeros, dilation: Pair = 1, groups: Int = 1, bias: Bool = true,
    weights: Initializer = .he(), biases: Initializer = .zeros
  ) {
    let fault = ConvolutionWeights.fault(
      "Conv2D", in: inputs, out: outputs, kernel: kernel.list, groups: groups)
    let filter: Shape = [outputs, inputs / max(groups, 1), kernel.height, kernel.width]
    (weight, self.bias) = ConvolutionWeights.make(
      filter, outputs: outputs, bias: bias, weights, fault, biases: biases)
    self.stride = stride
    self.padding = padding
    paddingMode = mode
    self.dilation = dilation
    self.groups = groups
  }

  /// Maps `[N, in, H, W]` to `[N, out, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    ConvolutionWeights.apply(
      x, weight, bias, stride: stride.list, padding: padding, mode: paddingMode,
      dilation: dilation.list, groups: groups)
  }
}
