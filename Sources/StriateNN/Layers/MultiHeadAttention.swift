import StriateCore
import StriateIR

/// Self-attention with several heads (Vaswani et al., "Attention is all you need", 2017, section 3.2.2).
///
/// `[N, T, E]` → the same: queries, keys and values are three linear maps of the input, each head attends with its
/// share of the features, and a last linear map joins them. Keys as PyTorch's `MultiheadAttention`:
/// `in_proj_weight` `[3E, E]`, `in_proj_bias` `[3E]`, `out_proj.weight`, `out_proj.bias`.
public struct MultiHeadAttention: Layer {
  /// The maps to queries, keys and values over each other `[3E, E]`.
  public let inProjWeight: Parameter
  /// What is added to queries, keys and values `[3E]`.
  public let inProjBias: Parameter?
  /// The map that joins the heads.
  public let outProj: Linear
  /// The number of heads.
  public let heads: Int
  /// Whether a step sees only itself and the steps before it.
  public let isCausal: Bool
  private let dropout: Dropout

  /// An attention; widths that do not fall into the heads are reported when a program reads it.
  ///
  /// - Parameters:
  ///   - features: features of each step, E.
  ///   - dropout: the probability that a step does not see another one, in training.
  public init(
    _ features: Int, heads: Int, bias: Bool = true, causal isCausal: Bool = false,
    dropout: Double = 0
  ) {
    let isPossible =
      (1..<(1 << 30)).contains(features) && heads >= 1 && features.isMultiple(of: max(heads, 1))
    let fault =
      isPossible
      ? nil : "MultiHeadAttention's \(features) features do not fall into \(heads) equal heads"
    let width = isPossible ? features : 1
    inProjWeight = Parameter([3 * width, width], initializer: .glorot(), fault: fault)
    inProjBias = bias ? Parameter([3 * width], initializer: .zeros, fault: fault) : nil
    let bound = 1 / Double(width).squareRoot()
    outProj = Linear(in: width, out: width, bias: bias, weights: .uniform(-bound, bound))
    self.heads = heads
    self.isCausal = isCausal
    self.dropout = Dropout(dropout)
  }

  /// Maps `[N, T, E]` to the same, each step attending to all.
  public func forward(_ x: Tensor) -> Tensor { attend(query: x, key: x, value: x) }

  /// Maps queries `[N, T, E]` with keys and values `[N, S, E]` to `[N, T, E]`.
  ///
  /// - Parameter mask: booleans that broadcast to `[N, heads, T, S]`, true where a step may see another one.
  public func attend(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil
  ) -> Tensor {
    let builder = query.builder
    let weight = builder.read(inProjWeight)
    for tensor in [query, key, value, weight] where tensor.isPoisoned { return tensor }
    let width = weight.shape[1]
    for tensor in [query, key, value] {
      guard tensor.shape.rank == 3, tensor.shape[2] == width, tensor.shape[0] == query.shape[0]
      else {
        return builder.refuse(
          "multi_head_attention",
          "takes sequences [N, T, \(width)] of one batch, found \(tensor.type)",
          operands: [query, key, value])
      }
    }
    let bias = inProjBias.map { builder.read($0) }
    func projected(_ x: Tensor, _ part: Int) -> Tensor {
      let (start, end) = (part * width, (part + 1) * width)
      let rows = x.reshaped([x.shape[0] * x.shape[1], width])
      var y = matmul(rows, weight.slice(axis: 0, from: start, to: end), transposingRight: true)
      if let bias { y = y + bias.slice(axis: 0, from: start, to: end) }
      return y.reshaped([x.shape[0], x.shape[1], heads, width / heads]).transposed([0, 2, 1, 3])
    }
    let mixed = scaledDotProductAttention(
      query: projected(query, 0), key: projected(key, 1), value: projected(value, 2), mask: mask,
      isCausal: isCausal, dropout: dropout)
    if mixed.isPoisoned { return mixed }
    return outProj(mixed.transposed([0, 2, 1, 3]).reshaped(query.shape))
  }
}

/// `softmax(q·kᵀ / √d) · v` over the last two axes.
///
/// Queries `[…, T, d]`, keys `[…, S, d]`, values `[…, S, v]` → `[…, T, v]`. A step that may see nothing gives NaN.
///
/// - Parameters:
///   - mask: booleans that broadcast to `[…, T, S]`, true where a step may see another one.
///   - isCausal: whether a step sees only itself and the steps before it.
///   - dropout: what befalls the weights of attention in training.
public func scaledDotProductAttention(
  query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
  dropout: Dropout? = nil
) -> Tensor {
  let scale = 1 / Double(max(query.shape[-1], 1)).squareRoot()
  var scores = matmul(query * scale, key, transposingRight: true)
  if scores.isPoisoned { return scores }
  if isCausal {
    let (steps, seen) = (scores.shape[-2], scores.shape[-1])
    let table = HostTensor(type: TensorType(.bool, [steps, seen])) { bytes in
      for (place, _) in bytes.enumerated() {
        bytes[place] = place % max(seen, 1) <= place / max(seen, 1) ? 1 : 0
      }
    }
    scores = select(
      query.builder.constant(table).broadcast(to: scores.shape), scores, -Double.infinity)
  }
  if let mask { scores = select(mask, scores, -Double.infinity) }
  let weights = softmax(scores, axis: -1)
  return matmul(dropout.map { $0(weights) } ?? weights, value)
}
