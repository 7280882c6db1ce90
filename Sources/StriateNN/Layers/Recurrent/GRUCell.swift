import StriateCore
import StriateIR

/// One step of a gated recurrent unit.
///
/// `r, z = σ(W·x + b + U·h + d)`, `n = tanh(W·x + b + r·(U·h + d))`, `h' = (1 − z)·n + z·h`.
/// `[N, in]` and a state `[N, H]` → the next state. PyTorch's keys and gate order (r, z, n); the reset gate acts
/// after the matrix, as cuDNN's. Cho et al., "Learning phrase representations using RNN encoder–decoder", 2014.
public struct GRUCell: Model, TransparentContainer {
  /// The matrices and biases.
  public let weights: RecurrentWeights

  /// A cell; impossible widths are reported when a program reads it.
  public init(in inputs: Int, hidden: Int, bias: Bool = true) {
    weights = RecurrentWeights("GRUCell", in: inputs, hidden: hidden, gates: 3, bias: bias)
  }

  /// What a step takes; without a state it starts from zeros.
  public struct Input: TensorGroup {
    /// The features of the step `[N, in]`.
    public var x: Tensor
    /// The state before the step `[N, H]`.
    public var hidden: Tensor?

    /// What a step takes.
    public init(_ x: Tensor, _ hidden: Tensor? = nil) {
      self.x = x
      self.hidden = hidden
    }

    /// `x` and `hidden`.
    public var namedTensors: [(name: String, tensor: Tensor)] {
      [("x", x)] + (hidden.map { [("hidden", $0)] } ?? [])
    }
  }

  /// The weights under PyTorch's keys.
  public var namedChildren: [(name: String, child: any Sendable)] { weights.named("") }

  /// The state after the step.
  public func forward(_ input: Input) -> Tensor {
    let state = input.hidden.map { [$0] } ?? []
    if let refused = weights.refusal("gru_cell", input.x, state) { return refused }
    return Self.step(
      weights, weights.projected(input.x), input.hidden ?? weights.zeros(for: input.x))
  }

  /// The state after a step whose input has met its matrix already.
  static func step(_ weights: RecurrentWeights, _ projected: Tensor, _ hidden: Tensor) -> Tensor {
    let (input, state) = (projected.parts(3), weights.recurrent(hidden).parts(3))
    let reset = sigmoid(input[0] + state[0])
    let keep = sigmoid(input[1] + state[1])
    let new = tanh(input[2] + reset * state[2])
    return new + keep * (hidden - new)
  }
}
