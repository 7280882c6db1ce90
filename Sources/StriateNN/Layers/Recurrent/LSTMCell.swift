import StriateCore
import StriateIR

/// What an LSTM hands from one step to the next, each `[N, H]`.
public struct LSTMState: TensorGroup {
  /// The output of the step.
  public var hidden: Tensor
  /// What the cell remembers.
  public var cell: Tensor

  /// A state.
  public init(hidden: Tensor, cell: Tensor) {
    self.hidden = hidden
    self.cell = cell
  }

  /// `hidden` and `cell`.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    [("hidden", hidden), ("cell", cell)]
  }
}

/// One step of a long short-term memory with forget gates.
///
/// `i, f, o = σ(…)`, `g = tanh(…)`, `c' = f·c + i·g`, `h' = o·tanh(c')`, where each `…` is
/// `W·x + b + U·h + d`. `[N, in]` and a state `[N, H]` → the next state. PyTorch's keys and gate order
/// (i, f, g, o). Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and Cummins, 2000.
public struct LSTMCell: Model, TransparentContainer {
  /// The matrices and biases.
  public let weights: RecurrentWeights

  /// A cell; impossible widths are reported when a program reads it.
  public init(in inputs: Int, hidden: Int, bias: Bool = true) {
    weights = RecurrentWeights("LSTMCell", in: inputs, hidden: hidden, gates: 4, bias: bias)
  }

  /// What a step takes; without a state it starts from zeros.
  public struct Input: TensorGroup {
    /// The features of the step `[N, in]`.
    public var x: Tensor
    /// The state before the step.
    public var state: LSTMState?

    /// What a step takes.
    public init(_ x: Tensor, _ state: LSTMState? = nil) {
      self.x = x
      self.state = state
    }

    /// `x`, `hidden` and `cell`.
    public var namedTensors: [(name: String, tensor: Tensor)] {
      [("x", x)] + (state?.namedTensors ?? [])
    }
  }

  /// The weights under PyTorch's keys.
  public var namedChildren: [(name: String, child: any Sendable)] { weights.named("") }

  /// The state after the step.
  public func forward(_ input: Input) -> LSTMState {
    let state = input.state?.namedTensors.map(\.tensor) ?? []
    if let refused = weights.refusal("lstm_cell", input.x, state) {
      return LSTMState(hidden: refused, cell: refused)
    }
    let zeros = weights.zeros(for: input.x)
    return Self.step(
      weights, weights.projected(input.x), input.state ?? LSTMState(hidden: zeros, cell: zeros))
  }

  /// The state after a step whose input has met its matrix already.
  static func step(
    _ weights: RecurrentWeights, _ projected: Tensor, _ state: LSTMState
  ) -> LSTMState {
    let gates = (projected + weights.recurrent(state.hidden)).parts(4)
    let remembered = sigmoid(gates[1]) * state.cell
    let cell = remembered + sigmoid(gates[0]) * tanh(gates[2])
    return LSTMState(hidden: sigmoid(gates[3]) * tanh(cell), cell: cell)
  }
}
