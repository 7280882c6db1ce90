import StriateCore
import StriateIR

/// Gated recurrent units over a sequence, layer over layer, unrolled at trace time.
///
/// `[N, T, in]` → the output `[N, T, D·H]` and the last states `[L·D, N, H]`, from states of zeros. Keys as
/// PyTorch's `GRU` (`batch_first=True`); see `GRUCell` for the formula.
public struct GRU: Model, TransparentContainer {
  private let stack: RecurrentStack

  /// A network; impossible widths are reported when a program reads it.
  ///
  /// - Parameters:
  ///   - inputs: features of each step.
  ///   - hidden: features of each layer's state.
  ///   - isBidirectional: whether every layer also runs backwards; its output then has twice the features.
  ///   - dropout: the probability of a zero between layers, in training.
  public init(
    in inputs: Int, hidden: Int, layers: Int = 1, bias: Bool = true,
    bidirectional isBidirectional: Bool = false, dropout: Double = 0
  ) {
    stack = RecurrentStack(
      "GRU", in: inputs, hidden: hidden, gates: 3, layers: layers, bias: bias,
      isBidirectional: isBidirectional, dropout: dropout)
  }

  /// The weights under PyTorch's keys.
  public var namedChildren: [(name: String, child: any Sendable)] { stack.namedChildren }

  /// Maps `[N, T, in]` to the outputs of every step and the last states.
  public func forward(_ x: Tensor) -> RecurrentOutput {
    let (output, last) = stack.run("gru", x, parts: 1) { weights, projected, state in
      [GRUCell.step(weights, projected, state[0])]
    }
    return RecurrentOutput(output: output, hidden: last[0], cell: nil)
  }
}
