import StriateCore
import StriateIR

/// Long short-term memories over a sequence, layer over layer, unrolled at trace time.
///
/// `[N, T, in]` → the output `[N, T, D·H]` and the last states `[L·D, N, H]`, from states of zeros. Keys as
/// PyTorch's `LSTM` (`batch_first=True`): `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, then
/// `…_l0_reverse` and `…_l1`. See `LSTMCell` for the formula.
public struct LSTM: Model, TransparentContainer {
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
      "LSTM", in: inputs, hidden: hidden, gates: 4, layers: layers, bias: bias,
      isBidirectional: isBidirectional, dropout: dropout)
  }

  /// The weights under PyTorch's keys.
  public var namedChildren: [(name: String, child: any Sendable)] { stack.namedChildren }

  /// Maps `[N, T, in]` to the outputs of every step and the last states.
  public func forward(_ x: Tensor) -> RecurrentOutput {
    let (output, last) = stack.run("lstm", x, parts: 2) { weights, projected, state in
      let next = LSTMCell.step(weights, projected, LSTMState(hidden: state[0], cell: state[1]))
      return [next.hidden, next.cell]
    }
    return RecurrentOutput(output: output, hidden: last[0], cell: last[1])
  }
}
