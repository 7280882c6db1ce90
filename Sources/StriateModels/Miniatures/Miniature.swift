import StriateCore
import StriateIR
import StriateNN

/// Published networks at the size of small pictures, of 28 to 32 pixels, by one rule.
///
/// - Depth, order of layers and idea are the published ones; ConvNeXt keeps a third of its blocks.
/// - Channels and hidden features are a quarter of the published ones.
/// - First kernels of 11 and 7 pixels become 5 and 3.
/// - Halvings of the extent are left out from the first on, as many as leave the last map two to four
///   pixels of 28.
/// - Networks that were published for pictures of this size, the residual ones and those after them, stay as they are.
enum Miniature {
  /// A convolution that keeps the extent but for its stride, with He's first weights and a bias.
  static func convolution(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Conv2D {
    Conv2D(
      in: inputs, out: outputs, kernel: Pair(kernel), stride: Pair(stride),
      padding: Pair(kernel / 2), groups: groups, weights: .he(), biases: .zeros)
  }

  /// The extent after so many poolings of 3 pixels at every second place without a border.
  static func pooled(_ extent: Int, times: Int) -> Int {
    (0..<times).reduce(extent) { side, _ in side >= 3 ? (side - 3) / 2 + 1 : 0 }
  }
}
