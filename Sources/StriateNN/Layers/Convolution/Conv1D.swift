import StriateCore
import StriateIR

/// A convolution of sequences with learned filters (Waibel et al., time-delay networks, 1989).
///
/// `[N, in, L]` → `[N, out, L']` with `L' = (L + low + high − dilation·(kernel − 1) − 1) / stride + 1`, rounded
/// down. Keys `weight` `[out, in/groups, k]` and, where there is one, `bias` `[out]`.
public struct Conv1D: Layer {
  /// The filters `[out, in/groups, k]`.
  public let weight: Parameter
  /// What is added to each output channel `[out]`.
  public let bias: Parameter?
  /// Steps between neighbouring outputs.
  public let stride: Int
  /// How far the input is widened.
  public let padding: Padding
  /// What it is widened by.
  public let paddingMode: PaddingMode
  /// Steps between neighbouring filter elements; 1 is dense.
  public let dilation: Int
  /// Into how many independent groups the channels fall.
  public let groups: Int

  /// A convolution; impossible widths and groups are reported when a program reads the layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - padding: by how much either side is widened.
  ///   - weights: how the filters start.
  public init(
    in inputs: Int, out outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    mode: PaddingMode = .zeros, dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    weights: Initializer = .he()
  ) {
    self.init(
      in: inputs, out: outputs, kernel: kernel, stride: stride,
      padding: .sides(low: [padding], high: [padding]), mode: mode, dilation: dilation,
      groups: groups, bias: bias, weights: weights)
  }

  /// A convolution whose padding is `same`, or differs between the sides (a causal one has it before).
  public init(
    in inputs: Int, out outputs: Int, kernel: Int, stride: Int = 1, padding: Padding,
    mode: PaddingMode = .zeros, dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    weights: Initializer = .he()
  ) {
    let fault = ConvolutionWeights.fault(
      "Conv1D", in: inputs, out: outputs, kernel: [kernel], groups: groups)
    (weight, self.bias) = ConvolutionWeights.make(
      [outputs, inputs / max(groups, 1), kernel], outputs: outputs, bias: bias, weights, fault)
    self.stride = stride
    self.padding = padding
    paddingMode = mode
    self.dilation = dilation
    self.groups = groups
  }

  /// Maps `[N, in, L]` to `[N, out, L']`.
  public func forward(_ x: Tensor) -> Tensor {
    ConvolutionWeights.apply(
      x, weight, bias, stride: [stride], padding: padding, mode: paddingMode, dilation: [dilation],
      groups: groups)
  }
}
