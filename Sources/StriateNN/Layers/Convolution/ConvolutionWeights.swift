import StriateCore
import StriateIR

/// What convolution layers of any rank share: making filters, and applying them.
enum ConvolutionWeights {
  /// Why a convolution is impossible; nil where it is not.
  static func fault(
    _ kind: String, in inputs: Int, out outputs: Int, kernel: [Int], groups: Int
  ) -> String? {
    let shown = kernel.map(String.init).joined(separator: "×")
    if inputs < 1 || outputs < 1 {
      return "\(kind) takes and gives at least one channel, found in: \(inputs), out: \(outputs)"
    }
    if kernel.contains(where: { $0 < 1 }) {
      return "\(kind)'s kernel has at least one element, found \(shown)"
    }
    if groups < 1 { return "\(kind)'s groups must be at least 1, found \(groups)" }
    if inputs % groups != 0 || outputs % groups != 0 {
      return "\(kind)'s \(inputs) input and \(outputs) output channels do not fall into "
        + "\(groups) groups"
    }
    return nil
  }

  /// Filters and biases; poisoned where there is a fault.
  static func make(
    _ filter: Shape, outputs: Int, bias: Bool, _ initializer: Initializer, _ fault: String?,
    biases: Initializer = .zeros
  ) -> (weight: Parameter, bias: Parameter?) {
    let shape = fault == nil ? filter : Shape(filter.dims.map { _ in 1 })
    let weight = Parameter(shape, initializer: initializer, fault: fault)
    let width: Shape = [fault == nil ? outputs : 1]
    return (weight, bias ? Parameter(width, initializer: biases, fault: fault) : nil)
  }

  /// The convolution of `[N, in, …]` with filters, and the bias.
  static func apply(
    _ x: Tensor, _ weight: Parameter, _ bias: Parameter?, stride: [Int], padding: Padding,
    mode: PaddingMode, dilation: [Int], groups: Int
  ) -> Tensor {
    let filter = x.builder.read(weight)
    if x.isPoisoned || filter.isPoisoned { return x.isPoisoned ? x : filter }
    var (low, high) = padding.sides(
      Array(x.shape.dims.dropFirst(2)), kernel: Array(filter.shape.dims.dropFirst(2)),
      stride: stride, dilation: dilation)
    var x = x
    if let fill = mode.fill {
      guard x.shape.rank == filter.shape.rank else {
        return x.builder.refuse(
          "convolution", "takes an input of rank \(filter.shape.rank), found \(x.type)",
          operands: [x])
      }
      x = x.padded(low: [0, 0] + low, high: [0, 0] + high, mode: fill)
      (low, high) = (low.map { _ in 0 }, high.map { _ in 0 })
    }
    let y = convolution(
      x, filter, stride: stride, padLow: low, padHigh: high, dilation: dilation, groups: groups)
    guard let bias else { return y }
    return y + y.builder.read(bias).alongChannels(like: y)
  }
}
