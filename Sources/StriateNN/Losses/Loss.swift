import StriateCore
import StriateIR

/// What training makes small: a number from a model's output and its target.
///
/// Any value with this one method serves; the library's own state their formula, shapes and PyTorch name.
public protocol Loss: Sendable {
  /// The loss, a scalar unless its reduction is `none`.
  func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor
}

/// What becomes of the losses of all elements.
public enum Reduction: String, Sendable, Hashable, CaseIterable {
  /// Each stays.
  case none
  /// Their mean; a weighted one where the loss has class weights.
  case mean
  /// Their sum.
  case sum
  /// Their sum over the number of samples, the first axis.
  case batchMean

  /// The losses of all elements reduced.
  func callAsFunction(_ losses: Tensor) -> Tensor {
    if losses.isPoisoned { return losses }
    switch self {
    case .none: return losses
    case .mean: return losses.mean()
    case .sum: return losses.sum()
    case .batchMean: return losses.sum() * (1 / Double(max(losses.shape[0], 1)))
    }
  }
}

/// Output and target as tensors of one type, or a refusal where their shapes differ.
func matched(_ loss: String, _ output: Tensor, _ target: Tensor) -> (Tensor, Tensor)? {
  if output.isPoisoned || target.isPoisoned { return nil }
  guard output.shape == target.shape, output.dtype.isFloatingPoint else {
    _ = output.builder.refuse(
      loss,
      "takes floating point and a target of its shape, found \(output.type) and \(target.type)",
      operands: [output, target])
    return nil
  }
  return (output, target.converted(to: output.dtype))
}

extension Tensor {
  /// The tensor that stands for a refusal that is recorded already.
  var poisoned: Tensor { builder.refuse("", "", operands: [Tensor(builder: builder, id: .poison)]) }
}
