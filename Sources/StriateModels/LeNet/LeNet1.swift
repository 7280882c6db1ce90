import StriateCore
import StriateIR
import StriateNN

/// LeNet-1 (LeCun et al., "Handwritten digit recognition with a back-propagation network", NIPS 1989).
///
/// | layer | maps | how | parameters |
/// |---|---|---|---|
/// | h1 | 4×24×24 | 5×5 | 104 |
/// | h2 | 4×12×12 | means of 2×2, a coefficient and a bias each | 8 |
/// | h3 | 12×8×8 | 5×5, each map sees one or two | 512 |
/// | h4 | 12×4×4 | as h2 | 24 |
/// | out | 10 | all | 1,930 |
///
/// All units squash. 2,578 parameters. The table of h3 is the paper's as it is remembered; classes are judged by a softmax
/// over the outputs' sums instead of by squared distances.
public struct LeNet1: Layer {
  /// Which maps of h2 each map of h3 sees: twenty connections.
  public static let table = [
    [0], [0, 1], [0, 1], [1], [0, 1], [0, 1], [2], [2, 3], [2, 3], [3], [2, 3], [2, 3],
  ]
  let h1: Conv2D
  let h2 = Subsampling(4)
  let h3: TableConvolution
  let h4 = Subsampling(12)
  let out: Linear

  /// A network for pictures `[1, 28, 28]`.
  public init(classes: Int = 10, input: Shape = [1, 28, 28]) {
    let fan = input[0] * 25
    h1 = Conv2D(
      in: input[0], out: 4, kernel: 5, weights: .leCun1998(fan), biases: .leCun1998(fan))
    h3 = TableConvolution(Self.table, inputs: 4, kernel: 5) { .leCun1998($0) }
    let features = Shape([12, ((input[1] - 4) / 2 - 4) / 2, ((input[2] - 4) / 2 - 4) / 2]).count
    out = Linear(
      in: features, out: classes, weights: .leCun1998(features), biases: .leCun1998(features))
  }

  /// Maps pictures `[N, 1, 28, 28]` to logits `[N, 10]`.
  public func forward(_ x: Tensor) -> Tensor {
    var x = squash(h2(squash(h1(x))))  // [N, 4, 12, 12]
    x = squash(h4(squash(h3(x))))  // [N, 12, 4, 4]
    return out(x.flattened(from: 1))
  }
}

extension Initializer {
  /// Uniform between ±2.4 over the number of inputs (LeCun et al., 1998, appendix A).
  static func leCun1998(_ fan: Int) -> Initializer {
    .uniform(-2.4 / Double(max(fan, 1)), 2.4 / Double(max(fan, 1)))
  }
}
