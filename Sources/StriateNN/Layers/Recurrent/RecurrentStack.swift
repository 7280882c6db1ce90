import StriateCore
import StriateIR

/// What a recurrent network returns about a sequence.
public struct RecurrentOutput: TensorGroup {
  /// The last layer's output at every step `[N, T, D·H]`, D the number of directions.
  public var output: Tensor
  /// The last hidden state of every layer and direction `[L·D, N, H]`.
  public var hidden: Tensor
  /// The last cell of every layer and direction `[L·D, N, H]`; only an LSTM's.
  public var cell: Tensor?

  /// `output`, `hidden` and `cell`.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    [("output", output), ("hidden", hidden)] + (cell.map { [("cell", $0)] } ?? [])
  }
}

/// Recurrent layers over each other, each forwards and perhaps also backwards, unrolled at trace time.
struct RecurrentStack: Sendable {
  /// The weights, a list a layer, one entry a direction.
  let layers: [[RecurrentWeights]]
  /// The probability of a zero between layers.
  let dropout: Dropout

  /// The longest sequence: the graph grows with every step.
  static let longest = 4096

  init(
    _ kind: String, in inputs: Int, hidden: Int, gates: Int, layers: Int, bias: Bool,
    isBidirectional: Bool, dropout: Double
  ) {
    let directions = isBidirectional ? 2 : 1
    let fault =
      (1...1024).contains(layers) ? nil : "\(kind) takes 1 to 1024 layers, found \(layers)"
    // Without layers no weight would carry the fault, so that one poisoned layer stands in.
    self.layers = (0..<(fault == nil ? layers : 1)).map { layer in
      let wide = hidden.multipliedReportingOverflow(by: directions).partialValue
      return (0..<directions).map { _ in
        RecurrentWeights(
          kind, in: layer == 0 ? inputs : wide, hidden: hidden, gates: gates, bias: bias,
          fault: fault)
      }
    }
    self.dropout = Dropout(dropout)
  }

  /// The weights under PyTorch's keys: `weight_ih_l0`, `weight_ih_l0_reverse`, `weight_ih_l1`.
  var namedChildren: [(name: String, child: any Sendable)] {
    layers.enumerated().flatMap { layer, directions in
      directions.enumerated().flatMap { direction, weights in
        weights.named("_l\(layer)" + (direction == 0 ? "" : "_reverse"))
      }
    } + [("dropout", dropout)]
  }

  /// Every layer's states over the sequence `[N, T, in]`; `step` gives a state's parts, the output first.
  func run(
    _ op: String, _ x: Tensor, parts: Int,
    step: (RecurrentWeights, _ projected: Tensor, _ state: [Tensor]) -> [Tensor]
  ) -> (output: Tensor, last: [Tensor]) {
    func refused(_ tensor: Tensor) -> (output: Tensor, last: [Tensor]) {
      (tensor, [Tensor](repeating: tensor, count: parts))
    }
    if x.isPoisoned { return refused(x) }
    guard x.shape.rank == 3, (1...Self.longest).contains(x.shape[1]), x.shape[0] > 0 else {
      return refused(
        x.builder.refuse(
          op, "takes sequences [N, T, features] of 1 to \(Self.longest) steps, found \(x.type)",
          operands: [x]))
    }
    let (batch, steps) = (x.shape[0], x.shape[1])
    var x = x
    var last = [[Tensor]](repeating: [], count: parts)
    for (layer, directions) in layers.enumerated() {
      if layer > 0 { x = dropout(x) }
      var sides: [Tensor] = []
      for (direction, weights) in directions.enumerated() {
        let rows = x.reshaped([batch * steps, x.shape[-1]])
        if let tensor = weights.refusal(op, rows, []) { return refused(tensor) }
        let projected = weights.projected(rows).reshaped([batch, steps, -1])
        var state = [Tensor](repeating: weights.zeros(for: x), count: parts)
        var outputs: [Tensor] = []
        for time in 0..<steps {
          let place = direction == 0 ? time : steps - 1 - time
          let share = projected.slice(axis: 1, from: place, to: place + 1)
          state = step(weights, share.reshaped([batch, projected.shape[-1]]), state)
          outputs.append(state[0].reshaped([batch, 1, state[0].shape[-1]]))
        }
        sides.append(joined(direction == 0 ? outputs : outputs.reversed(), axis: 1) ?? x)
        for part in 0..<parts { last[part].append(state[part]) }
      }
      x = joined(sides, axis: 2) ?? x
    }
    return (x, last.map { joined($0.map { $0.reshaped([1, batch, $0.shape[-1]]) }, axis: 0) ?? x })
  }

  private func joined(_ tensors: [Tensor], axis: Int) -> Tensor? {
    tensors.count == 1 ? tensors.first : concat(tensors, axis: axis)
  }
}
