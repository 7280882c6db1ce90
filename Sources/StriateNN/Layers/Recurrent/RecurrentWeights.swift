import StriateCore
import StriateIR

/// The matrices and biases of a recurrent cell, its gates stacked along the first axis.
///
/// Keys as PyTorch's: `weight_ih` `[G·H, in]`, `weight_hh` `[G·H, H]` and, with biases, `bias_ih` and `bias_hh`
/// `[G·H]`, G the number of gates; all start uniform within `±1/√H`.
public struct RecurrentWeights: Sendable {
  /// What meets the input `[G·H, in]`.
  public let weightIh: Parameter
  /// What meets the hidden state `[G·H, H]`.
  public let weightHh: Parameter
  /// What is added to the input's share `[G·H]`.
  public let biasIh: Parameter?
  /// What is added to the hidden state's share `[G·H]`.
  public let biasHh: Parameter?

  init(_ kind: String, in inputs: Int, hidden: Int, gates: Int, bias: Bool, fault: String? = nil) {
    let limit = 1 << 30
    let isPossible = (1..<limit).contains(inputs) && (1..<limit).contains(hidden)
    let found = "found in: \(inputs), hidden: \(hidden)"
    let fault =
      fault ?? (isPossible ? nil : "\(kind) takes and keeps at least one feature, \(found)")
    let (rows, width, inputs) = isPossible ? (gates * hidden, hidden, inputs) : (1, 1, 1)
    let bound = 1 / Double(width).squareRoot()
    func make(_ shape: Shape) -> Parameter {
      Parameter(shape, initializer: .uniform(-bound, bound), fault: fault)
    }
    weightIh = make([rows, inputs])
    weightHh = make([rows, width])
    biasIh = bias ? make([rows]) : nil
    biasHh = bias ? make([rows]) : nil
  }

  /// The weights under their keys, each with an ending.
  func named(_ ending: String) -> [(name: String, child: any Sendable)] {
    var named: [(name: String, child: any Sendable)] = [
      ("weight_ih" + ending, weightIh), ("weight_hh" + ending, weightHh),
    ]
    if let biasIh { named.append(("bias_ih" + ending, biasIh)) }
    if let biasHh { named.append(("bias_hh" + ending, biasHh)) }
    return named
  }

  /// The input's share of all gates, `[R, in]` → `[R, G·H]`.
  func projected(_ x: Tensor) -> Tensor {
    let y = matmul(x, weightIh, transposingRight: true)
    return biasIh.map { y + $0 } ?? y
  }

  /// The hidden state's share of all gates, `[N, H]` → `[N, G·H]`.
  func recurrent(_ hidden: Tensor) -> Tensor {
    let y = matmul(hidden, weightHh, transposingRight: true)
    return biasHh.map { y + $0 } ?? y
  }

  /// Whether input and state suit the weights; otherwise the refusal.
  func refusal(_ op: String, _ x: Tensor, _ state: [Tensor]) -> Tensor? {
    let (input, recurrent) = (x.builder.read(weightIh), x.builder.read(weightHh))
    for tensor in [x, input, recurrent] + state where tensor.isPoisoned { return tensor }
    let width = recurrent.shape[1]
    guard x.shape.rank == 2, x.shape[1] == input.shape[1] else {
      return x.builder.refuse(
        op, "takes [N, \(input.shape[1])], found \(x.type)", operands: [x])
    }
    for tensor in state where tensor.shape != [x.shape[0], width] {
      return x.builder.refuse(
        op, "takes a state [\(x.shape[0]), \(width)], found \(tensor.type)", operands: [x, tensor])
    }
    return nil
  }

  /// A state of zeros for this input.
  func zeros(for x: Tensor) -> Tensor {
    let width = x.builder.read(weightHh)
    if x.isPoisoned || width.isPoisoned { return x.isPoisoned ? x : width }
    return x.builder.fill(0, TensorType(x.dtype, [x.shape[0], width.shape[1]]))
  }
}

extension Tensor {
  /// The equal parts of the last axis.
  func parts(_ count: Int) -> [Tensor] {
    let width = shape[-1] / Swift.max(count, 1)
    return (0..<count).map { slice(axis: -1, from: $0 * width, to: ($0 + 1) * width) }
  }
}
