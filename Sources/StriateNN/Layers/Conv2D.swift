import StriateCore
import StriateIR

/// A convolution of images with learned filters (Fukushima, 1980; LeCun et al., 1989).
///
/// `[N, in, H, W]` → `[N, out, H', W']` with `H' = (H + 2·padding − dilation·(kernel − 1) − 1) / stride + 1`,
/// rounded down. Keys `weight` `[out, in/groups, kh, kw]` and, where there is one, `bias` `[out]`.
public struct Conv2D: Layer {
  /// The filters `[out, in/groups, kh, kw]`.
  public let weight: Parameter
  /// What is added to each output channel `[out]`.
  public let bias: Parameter?
  /// Steps between neighbouring outputs.
  public let stride: Pair
  /// Zeros on either side of each axis.
  public let padding: Pair
  /// Steps between neighbouring filter elements; 1 is dense.
  public let dilation: Pair
  /// Into how many independent groups the channels fall.
  public let groups: Int

  /// A convolution; impossible widths and groups are reported when a program reads the layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - weights: how the filters start.
  public init(
    in inputs: Int, out outputs: Int, kernel: Pair, stride: Pair = 1, padding: Pair = 0,
    dilation: Pair = 1, groups: Int = 1, bias: Bool = true, weights: Initializer = .he()
  ) {
    let fault = Self.fault(inputs, outputs, kernel, groups)
    let shape: Shape =
      fault == nil ? [outputs, inputs / groups, kernel.height, kernel.width] : [1, 1, 1, 1]
    weight = Parameter(shape, initializer: weights, fault: fault)
    self.bias = bias ? Parameter([shape[0]], initializer: .zeros, fault: fault) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  private static func fault(
    _ inputs: Int, _ outputs: Int, _ kernel: Pair, _ groups: Int
  ) -> String? {
    if inputs < 1 || outputs < 1 {
      return "Conv2D takes and gives at least one channel, found in: \(inputs), out: \(outputs)"
    }
    if kernel.height < 1 || kernel.width < 1 {
      return "Conv2D's kernel has at least one element, found \(kernel)"
    }
    if groups < 1 { return "Conv2D's groups must be at least 1, found \(groups)" }
    if inputs % groups != 0 || outputs % groups != 0 {
      return "Conv2D's \(inputs) input and \(outputs) output channels do not fall into "
        + "\(groups) groups"
    }
    return nil
  }

  /// Maps `[N, in, H, W]` to `[N, out, H', W']`.
  public func forward(_ x: Tensor) -> Tensor {
    let y = convolution(
      x, weight, stride: stride.list, padLow: padding.list, dilation: dilation.list,
      groups: groups)
    guard let bias else { return y }
    return y + x.builder.read(bias).alongChannels(like: y)
  }
}
